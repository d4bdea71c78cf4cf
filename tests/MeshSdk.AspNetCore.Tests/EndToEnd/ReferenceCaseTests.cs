using System.Collections.Concurrent;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Tests.EndToEnd;

/// <summary>Both halves of the library, on the objects of the reference case: a route of 90 to 10, ISTIO_MUTUAL, five STRICT servers of two versions.</summary>
public sealed class ReferenceCaseTests : IAsyncLifetime
{
    private const string Client = "spiffe://cluster.local/ns/istio-test/sa/client";

    private readonly MeshCertificateAuthority _authority = new();
    private readonly List<EchoHost> _hosts = [];
    private readonly ConcurrentDictionary<(int Server, string Caller), int> _seen = [];

    public async ValueTask InitializeAsync()
    {
        for (var i = 0; i < ReferenceCase.Versions.Length; i++)
        {
            var server = i;
            _hosts.Add(await EchoHost.StartAsync(
                _authority.Issue(ReferenceCase.IdentityOf(i)),
                manifests: ReferenceCase.Strict,
                mesh: static options => (options.Namespace, options.Labels["app"]) = ("istio-test", "backend"),
                application: app => app.Use((context, next) =>
                {
                    _seen.AddOrUpdate((server, context.GetMeshPeer()?.Id.ToString() ?? "plaintext"), 1, static (_, count) => count + 1);
                    return next(context);
                })));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        _authority.Dispose();
    }

    [Fact]
    public async Task The_split_is_kept_and_both_sides_know_each_other()
    {
        await using var mesh = await StartAsync(ReferenceCase.Manifests([.. _hosts.Select(static host => host.Mixed.Port)]));
        using var client = mesh.CreateClient(new MeshClientOptions { RecordCalls = true });
        var peers = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        const int Calls = 500;
        await Parallel.ForAsync(0, Calls, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, cancel) =>
        {
            using var response = await client.GetAsync(new Uri("http://backend/"), cancel);
            Assert.Equal($"{Client} HTTP/1.1", await response.Content.ReadAsStringAsync(cancel));
            peers.AddOrUpdate(response.GetMeshCall()!.Peer?.ToString() ?? "nobody", 1, static (_, count) => count + 1);
        });

        // Every server has been called, by the client alone, and the client knows which account it has called.
        Assert.Equal(Enumerable.Range(0, _hosts.Count).Select(static server => (server, Client)), _seen.Keys.Order());
        Assert.Equal(["spiffe://cluster.local/ns/istio-test/sa/backend-v1", "spiffe://cluster.local/ns/istio-test/sa/backend-v2"], peers.Keys.Order(StringComparer.Ordinal));

        // Six standard deviations: one run in half a billion is outside.
        Assert.InRange(peers["spiffe://cluster.local/ns/istio-test/sa/backend-v2"], 10, 90);
        Assert.Equal(Calls, peers.Values.Sum());
    }

    [Fact]
    public async Task Nobody_gets_past_who_is_none_of_the_mesh_or_somebody_else()
    {
        // v1 everywhere, by accounts: what answers for v2 is not believed, and is told nothing.
        await using var mesh = await StartAsync(ReferenceCase.Manifests([.. _hosts.Select(static host => host.Mixed.Port)], account: static _ => "backend-v1"));
        using var client = mesh.CreateClient(new MeshClientOptions { RecordCalls = true });
        for (var i = 0; i < 5; i++)
        {
            using var v2 = await client.GetAsync(new Uri("http://backend-v2/"), TestContext.Current.CancellationToken);
            Assert.Equal("UF", v2.GetMeshCall()!.Flags);
            using var v1 = await client.GetAsync(new Uri("http://backend-v1/"), TestContext.Current.CancellationToken);
            Assert.Equal("-", v1.GetMeshCall()!.Flags);
        }

        Assert.All(_seen.Keys, static seen => Assert.Equal("v1", ReferenceCase.Versions[seen.Server]));

        // Without TLS nobody answers at all.
        await using var plain = await StartAsync(ReferenceCase.Manifests([.. _hosts.Select(static host => host.Mixed.Port)], tls: "DISABLE"));
        using var without = plain.CreateClient(new MeshClientOptions { RecordCalls = true });
        using var refused = await without.GetAsync(new Uri("http://backend/"), TestContext.Current.CancellationToken);
        Assert.Equal("UC", refused.GetMeshCall()!.Flags);
    }

    private Task<Mesh> StartAsync(string manifests)
    {
        var source = new InMemorySource();
        source.Apply(manifests);
        return Mesh.StartAsync(new MeshOptions
        {
            Namespace = "istio-test",
            InMemory = source,
            Identity = { Source = new InMemoryCertificateSource(_authority.Issue(Client).ToIdentity()) },
        });
    }
}
