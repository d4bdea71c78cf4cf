using System.Net;

namespace GrpcCanary.Server;

/// <param name="Version"><c>v1</c> or <c>v2</c>.</param>
/// <param name="Number">Which one of its version, from 1 on.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record GreeterPod(string Version, int Number, IPEndPoint Address)
{
    /// <summary>A Deployment would have called it by a longer one.</summary>
    public string Name => $"backend-{Version}-{Number}";

    /// <summary>The service account that it runs under.</summary>
    public string Account => $"backend-{Version}";
}
