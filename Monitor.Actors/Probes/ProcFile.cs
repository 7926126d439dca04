using Microsoft.Win32.SafeHandles;

namespace RalmActors.Monitoring.Probes;

/// <summary>One file of /proc or /sys, kept open and read whole from its start at each sampling.</summary>
public sealed class ProcFile : IDisposable
{
    private readonly SafeFileHandle? _file;
    private byte[] _buffer = new byte[4096];

    public ProcFile(string path)
    {
        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Absent in some containers: its metrics are left out.
            _file = null;
        }
    }

    /// <summary>The content, valid until the next read; empty when the file cannot be read.</summary>
    public ReadOnlySpan<byte> Read()
    {
        if (_file is null)
        {
            return [];
        }

        try
        {
            var length = 0;
            while (true)
            {
                var read = RandomAccess.Read(_file, _buffer.AsSpan(length), length);
                length += read;
                if (read == 0)
                {
                    return _buffer.AsSpan(0, length);
                }

                if (length == _buffer.Length)
                {
                    Array.Resize(ref _buffer, _buffer.Length * 2);
                }
            }
        }
        catch (IOException)
        {
            return [];
        }
    }

    public void Dispose() => _file?.Dispose();
}
