namespace RalmActors.ClusterHost.Client;

/// <summary>An entity has refused a command: an error of whoever sent it, in one line with field, value and rule.</summary>
public sealed class RefusedException(string message, string refusedField = "") : Exception(message)
{
    public string Field => refusedField;
}
