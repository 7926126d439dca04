using System.Globalization;
using Google.Protobuf;

namespace RalmActors.Messages.Entities;

/// <summary>How a refusal is made, and where a reply has it: every one that can say no says it in a field of this name.</summary>
public static class Rejections
{
    private const string Field = "rejection";

    /// <summary>The refusal a reply carries, or <c>null</c>.</summary>
    public static Rejection? Of(IMessage reply) =>
        reply.Descriptor.FindFieldByName(Field)?.Accessor.GetValue(reply) as Rejection;

    public static Rejection Invalid(string field, object? value, string rule) =>
        Of(RejectionCode.Invalid, field, value, rule);

    public static Rejection Conflict(string field, object? value, string rule) =>
        Of(RejectionCode.Conflict, field, value, rule);

    public static Rejection NotFound(string field, object? value, string rule) =>
        Of(RejectionCode.NotFound, field, value, rule);

    public static Rejection NotAvailable(string field, object? value, string rule) =>
        Of(RejectionCode.NotAvailable, field, value, rule);

    public static Rejection Overloaded(string field, object? value, string rule) =>
        Of(RejectionCode.Overloaded, field, value, rule);

    /// <param name="value">Numbers are written the same way everywhere.</param>
    public static Rejection Of(RejectionCode code, string field, object? value, string rule) =>
        new()
        {
            Code = code,
            Field = field,
            Value = value is IFormattable number
                ? number.ToString(null, CultureInfo.InvariantCulture)
                : value?.ToString() ?? "",
            Rule = rule,
        };
}
