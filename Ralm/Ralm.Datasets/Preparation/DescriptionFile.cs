namespace Ralm.Datasets.Preparation;

/// <summary>The file of a description.</summary>
internal static class DescriptionFile
{
    /// <param name="parse">Throws a <see cref="FormatException"/> that names what is wrong.</param>
    /// <exception cref="BadTableException">No such file, or not such a description.</exception>
    public static T Read<T>(string path, Func<string, T> parse)
    {
        try
        {
            return parse(File.ReadAllText(path));
        }
        catch (FormatException e)
        {
            throw new BadTableException($"{path}: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadTableException($"{path}: no such file; a description is needed (docs/datasets.md)", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadTableException($"{path}: cannot be read: {e.Message}", e);
        }
    }
}
