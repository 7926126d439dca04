using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using RalmActors.Messages.Training;

namespace RalmActors.Trainer.Domain.Studies;

/// <summary>
/// A scalar field of <see cref="TrainingConfig"/>, found by its path in the contract: what a later release adds there can be
/// searched without a line here.
/// </summary>
public sealed class ParameterPath
{
    private readonly ImmutableArray<FieldDescriptor> _fields;

    private ParameterPath(string text, ImmutableArray<FieldDescriptor> fields)
    {
        Text = text;
        _fields = fields;
    }

    public string Text { get; }

    public FieldType Type => _fields[^1].FieldType;

    public bool IsReal => Type is FieldType.Double or FieldType.Float;

    public bool IsWhole => Type is FieldType.Int32 or FieldType.Int64 or FieldType.UInt32 or FieldType.UInt64;

    /// <summary>The field, or <c>null</c> and the rule that the path breaks.</summary>
    public static ParameterPath? Find(string path, out string rule)
    {
        var message = TrainingConfig.Descriptor;
        var fields = ImmutableArray.CreateBuilder<FieldDescriptor>();
        foreach (var name in path.Split('.'))
        {
            var field = message?.FindFieldByName(name);
            if (message is null || field is null || field.IsRepeated)
            {
                rule = message is null
                    ? $"must end at {fields[^1].Name}, which has no fields"
                    : $"must be a field of {message.Name}: {string.Join(", ", message.Fields.InDeclarationOrder().Where(f => !f.IsRepeated).Select(f => f.Name))}";
                return null;
            }

            fields.Add(field);
            message = field.FieldType == FieldType.Message ? field.MessageType : null;
        }

        rule = message is null
            ? ""
            : $"must name one field of {message.Name}: {string.Join(", ", message.Fields.InDeclarationOrder().Select(f => $"{path}.{f.Name}"))}";
        return message is null ? new ParameterPath(path, fields.ToImmutable()) : null;
    }

    /// <summary>Writes the value into the configuration.</summary>
    public void Set(TrainingConfig config, object value)
    {
        IMessage message = config;
        foreach (var field in _fields[..^1])
        {
            if (field.Accessor.GetValue(message) is not IMessage inner)
            {
                inner = field.MessageType.Parser.ParseFrom([]);
                field.Accessor.SetValue(message, inner);
            }

            message = inner;
        }

        _fields[^1].Accessor.SetValue(message, value);
    }

    /// <summary>What the configuration holds there; <c>null</c> when a message on the way is missing.</summary>
    public object? Get(TrainingConfig config)
    {
        object? value = config;
        foreach (var field in _fields)
        {
            value = value is IMessage message ? field.Accessor.GetValue(message) : null;
        }

        return value is Enum e ? Convert.ToInt32(e, CultureInfo.InvariantCulture) : value;
    }

    /// <summary>The value as the field's own type, or <c>null</c> when the field cannot hold it.</summary>
    public object? Read(ParameterValue value) =>
        value.ValueCase switch
        {
            ParameterValue.ValueOneofCase.Number => Real(value.Number),
            ParameterValue.ValueOneofCase.Integer => Whole(value.Integer),
            ParameterValue.ValueOneofCase.Text => Parse(value.Text),
            _ => null,
        };

    private object? Real(double value) =>
        Type switch
        {
            FieldType.Double => value,
            FieldType.Float => (float)value,
            _ => null,
        };

    private object? Whole(long value) =>
        Type switch
        {
            FieldType.Int32 => value is >= int.MinValue and <= int.MaxValue ? (int)value : null,
            FieldType.Int64 => value,
            FieldType.UInt32 => value is >= 0 and <= uint.MaxValue ? (uint)value : null,
            FieldType.UInt64 => value >= 0 ? (ulong)value : null,
            _ => Real(value),
        };

    private object? Parse(string text) =>
        Type switch
        {
            FieldType.String => text,
            FieldType.Bool => bool.TryParse(text, out var flag) ? flag : null,
            FieldType.Enum => _fields[^1].EnumType.FindValueByName(text)?.Number,
            _ when IsReal => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? Real(number)
                : null,
            _ => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                ? Whole(whole)
                : null,
        };
}
