using System.Runtime.InteropServices;

namespace RalmActors.ClusterHost.Reports;

/// <summary>An answer in another form than JSON.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Rendered(string ContentType, string Body);
