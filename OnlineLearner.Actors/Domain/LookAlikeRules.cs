using System.Buffers.Binary;
using System.Globalization;
using RalmActors.Messages.Entities;
using RalmActors.Messages.Learning;

namespace RalmActors.OnlineLearner.Domain;

/// <summary>Look-alike numbers come back as a score gave them: nothing else may reach a model.</summary>
internal static class LookAlikeRules
{
    public static Rejection? Check(string field, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        var numbers = (bytes.Length - LookAlikeForm.TagBytes) / sizeof(float);
        if (
            bytes.Length != LookAlikeForm.TagBytes + (numbers * sizeof(float))
            || numbers is < 1 or > LookAlikeForm.MaxNumbers
        )
        {
            return Rejections.Invalid(
                field,
                $"{bytes.Length} bytes",
                $"must be a tag of 4 bytes and 1 to {LookAlikeForm.MaxNumbers} numbers of 4 bytes, as a score gives them"
            );
        }

        for (var k = 0; k < numbers; k++)
        {
            var number = BinaryPrimitives.ReadSingleLittleEndian(
                bytes[(LookAlikeForm.TagBytes + (k * sizeof(float)))..]
            );
            if (!LookAlikeForm.IsWithin(number))
            {
                return Rejections.Invalid(
                    $"{field}[{k}]",
                    number.ToString(CultureInfo.InvariantCulture),
                    $"must be -{LookAlikeForm.MaxNumber} to {LookAlikeForm.MaxNumber}, as a score gives it"
                );
            }
        }

        return null;
    }
}
