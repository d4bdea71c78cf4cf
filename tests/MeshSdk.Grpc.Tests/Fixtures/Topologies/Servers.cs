using MeshSdk.Grpc.Tests.Fixtures.Scripts;
using MeshSdk.Grpc.Tests.Fixtures.Topologies;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;

[assembly: AssemblyFixture(typeof(Servers))]

namespace MeshSdk.Grpc.Tests.Fixtures.Topologies;

/// <summary>
/// Servers that all tests have in common, for they do what each call asks for: <c>v1-a</c> and <c>v1-b</c>, <c>v2-a</c> and <c>v2-b</c>, in plaintext, and in mutual TLS.
/// </summary>
public sealed class Servers : IAsyncLifetime
{
    private readonly MeshCertificateAuthority _authority = new();
    private readonly Dictionary<string, EchoServer> _plain = [], _secure = [];

    internal MeshTestCertificate ClientCertificate { get; private set; } = null!;

    /// <summary>The identity of a client of the layer.</summary>
    internal MeshTestCertificate? ClientOf(Layer layer) => layer == Layer.Plaintext ? null : ClientCertificate;

    internal EchoServer Of(Layer layer, string name) => (layer == Layer.Plaintext ? _plain : _secure)[name];

    /// <summary>Services <c>backend</c> (all four), <c>v1</c> and <c>v2</c> (two each), without routes.</summary>
    internal string Cluster(Layer layer, string policy = "") =>
        Topologies.Cluster.Service("backend", layer, policy, Of(layer, "v1-a"), Of(layer, "v1-b"), Of(layer, "v2-a"), Of(layer, "v2-b"))
        + Topologies.Cluster.Service("v1", layer, policy, Of(layer, "v1-a"), Of(layer, "v1-b"))
        + Topologies.Cluster.Service("v2", layer, policy, Of(layer, "v2-a"), Of(layer, "v2-b"));

    /// <summary>One server more, of the test's own, which disposes of it.</summary>
    internal Task<EchoServer> StartAsync(
        Layer layer, string name, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? application = null) =>
        ScriptedServer.StartAsync(
            name, layer == Layer.Plaintext ? null : _authority.Issue(Topologies.Cluster.ServerId), build: build, application: application);

    public async ValueTask InitializeAsync()
    {
        ClientCertificate = _authority.Issue(Topologies.Cluster.ClientId);
        foreach (var name in new[] { "v1-a", "v1-b", "v2-a", "v2-b" })
        {
            _plain[name] = await ScriptedServer.StartAsync(name);
            _secure[name] = await ScriptedServer.StartAsync(name, _authority.Issue(Topologies.Cluster.ServerId));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _plain.Values.Concat(_secure.Values))
        {
            await server.DisposeAsync();
        }

        _authority.Dispose();
    }
}
