namespace RalmActors.ClusterHost.Settings;

/// <summary>The node must not start, or go on, as things are; the message says what is wrong and what to do.</summary>
public sealed class StartRefusedException(string message, Exception? inner = null) : Exception(message, inner);
