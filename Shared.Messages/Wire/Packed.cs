using Google.Protobuf;

namespace RalmActors.Messages.Wire;

/// <summary>
/// A message as its bytes, for what is kept long and read seldom: two objects instead of the dozens that a message of features
/// has, so that a collection has less to walk. Equal bytes are equal.
/// </summary>
public readonly record struct Packed<T>(ByteString Bytes)
    where T : class, IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());

    /// <summary>Later changes of the message are not seen.</summary>
    public static Packed<T> Of(T message) => new(message.ToByteString());

    /// <returns>A message of its own, at each call.</returns>
    public T Unpack() => Parser.ParseFrom(Bytes);
}
