using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace RalmActors.Messages.Tests.Wire;

/// <summary>
/// A message with every field set, always to the same values: each repeated field has an item for every alternative
/// of its oneofs, numbers differ by field number, and no value is its type's default.
/// </summary>
public static class PopulatedMessage
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static IMessage Of(MessageDescriptor descriptor, int variant = 0)
    {
        if (descriptor.FullName == Timestamp.Descriptor.FullName)
        {
            return Timestamp.FromDateTimeOffset(Start.AddMilliseconds((1000 * variant) + 6));
        }

        var message = descriptor.Parser.ParseFrom([]);
        foreach (var field in descriptor.Fields.InFieldNumberOrder().Where(f => IsChosen(f, variant)))
        {
            if (field.IsRepeated)
            {
                var items = (IList)field.Accessor.GetValue(message);
                for (var i = 0; i < ItemsOf(field); i++)
                {
                    items.Add(ValueOf(field, variant + i));
                }
            }
            else
            {
                field.Accessor.SetValue(message, ValueOf(field, variant));
            }
        }

        return message;
    }

    private static bool IsChosen(FieldDescriptor field, int variant) =>
        field.RealContainingOneof is not { } oneof
        || oneof.Fields[variant % oneof.Fields.Count].FieldNumber == field.FieldNumber;

    private static int ItemsOf(FieldDescriptor field) =>
        field.FieldType == FieldType.Message
            ? Math.Max(2, field.MessageType.Oneofs.Select(o => o.Fields.Count).DefaultIfEmpty().Max())
            : 3;

    private static object ValueOf(FieldDescriptor field, int variant)
    {
        var n = (field.FieldNumber * 10) + variant + 1;
        return field.FieldType switch
        {
            FieldType.String => $"{field.Name}-{n}",
            FieldType.Bytes => ByteString.CopyFrom([(byte)n, 0, 255]),
            FieldType.Bool => true,
            FieldType.Double => n + 0.5,
            FieldType.Float => n + 0.25f,
            FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => n,
            FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (1L << 40) + n,
            FieldType.UInt32 or FieldType.Fixed32 => (uint)n,
            FieldType.UInt64 or FieldType.Fixed64 => (1UL << 63) + (ulong)n,
            FieldType.Enum => EnumValue(field.EnumType, n),
            FieldType.Message => Of(field.MessageType, variant),
            _ => throw new NotSupportedException($"{field.FullName} is a {field.FieldType}"),
        };
    }

    private static int EnumValue(EnumDescriptor type, int n) => type.Values[1 + (n % (type.Values.Count - 1))].Number;
}
