using Google.Protobuf;

namespace RalmActors.Messages.Wire;

/// <summary>What the one serializer binds to: everything that crosses a node or enters the journal.</summary>
public interface IWireMessage : IMessage;
