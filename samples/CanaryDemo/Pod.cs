using System.Net;
using CanaryDemo.Identity;

namespace CanaryDemo;

/// <param name="Version"><c>v1</c> or <c>v2</c>.</param>
/// <param name="Number">Which one of its version, from 1 on.</param>
/// <param name="Address">Where it listens.</param>
internal sealed record Pod(string Version, int Number, IPEndPoint Address)
{
    /// <summary>What the manifests call targetPort. The server itself listens on another one where the system has no address to give it.</summary>
    public const int ContainerPort = 5678;

    /// <summary>A Deployment would have called it by a longer one.</summary>
    public string Name => $"backend-{Version}-{Number}";

    /// <summary>The service account that it runs under.</summary>
    public string Account => $"backend-{Version}";

    /// <summary>Who it has to prove to be.</summary>
    public string Identity => Workload.IdOf(Account);

    /// <summary>What it answers.</summary>
    public string Hello => $"hello from backend {Version}\n";
}
