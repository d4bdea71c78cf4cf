using System.Net;

namespace CanaryDemo;

/// <param name="Version"><c>v1</c> or <c>v2</c>.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record Pod(string Version, IPEndPoint Address)
{
    /// <summary>What it answers.</summary>
    public string Hello => $"hello from backend {Version}\n";
}
