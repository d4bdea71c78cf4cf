using System.Collections.Concurrent;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace MeshSdk.AspNetCore.Tests.Matrix;

/// <summary>A server for each mode and each way to ask for it, made when it is first called.</summary>
public sealed class Servers : IAsyncLifetime
{
    internal const string Client = "spiffe://cluster.local/ns/web/sa/client";

    private readonly MeshCertificateAuthority _authority = new();
    private readonly ConcurrentDictionary<(string Way, string Mode), Task<EchoHost>> _hosts = [];

    public static IReadOnlyList<string> InsideWays { get; } = ["options", "mesh", "namespace", "workload", "port"];

    public ValueTask InitializeAsync()
    {
        Caller = _authority.Issue(Client);
        return ValueTask.CompletedTask;
    }

    internal MeshTestCertificate Caller { get; private set; } = null!;

    internal Task<EchoHost> AskingForAsync(string way, string mode) => _hosts.GetOrAdd((way, mode), StartAsync);

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await (await host).DisposeAsync();
        }

        _authority.Dispose();
    }

    private async Task<EchoHost> StartAsync((string Way, string Mode) key)
    {
        var (way, mode) = key;
        var identity = _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend");
        if (way == "options")
        {
            return await EchoHost.StartAsync(identity, Enum.Parse<PeerAuthenticationMode>(mode, ignoreCase: true));
        }

        // The option, and the objects of wider scope, say something else each: only the one that is meant may count.
        var other = mode == "DISABLE" ? "STRICT" : "DISABLE";
        var host = await EchoHost.StartAsync(
            identity, Enum.Parse<PeerAuthenticationMode>(other, ignoreCase: true), PeerAuthentications.Of(way, mode, other), mesh: static options => options.RootNamespace = "istio-system");
        if (way == "port")
        {
            // Which port it is, is known only now.
            host.Source.Apply(PeerAuthentications.Workload(other, (host.Mixed.Port, mode), (host.Http2Only.Port, mode)));
            var mesh = host.App.Services.GetRequiredService<Mesh>();
            await Eventually.HoldsAsync(() => mesh.Runtime.Inbound.Ports.Count == 2, "the ports are known to the server");
        }

        return host;
    }
}
