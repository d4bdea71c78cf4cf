using System.Collections.Concurrent;
using System.Security.Claims;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace MeshSdk.AspNetCore.Tests.Identity;

/// <summary>What applications learn of who calls.</summary>
public sealed class PeerFeatureTests : IDisposable
{
    private readonly MeshCertificateAuthority _authority = new();

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_caller_is_known_by_its_certificate(string version)
    {
        var seen = new ConcurrentQueue<(MeshPeer Peer, ClaimsPrincipal Principal, string? Thumbprint, ClaimsPrincipal User)>();
        await using var host = await StartAsync(context =>
        {
            var peer = context.GetMeshPeer()!;
            seen.Enqueue((peer, peer.Principal, context.Connection.ClientCertificate?.Thumbprint, context.User));
        });
        var certificate = _authority.Issue("spiffe://cluster.local/ns/web/sa/client");
        using var client = host.Client(certificate, version);

        await client.GetStringAsync("/");
        await client.GetStringAsync("/");

        Assert.True(seen.TryDequeue(out var first));
        Assert.True(seen.TryDequeue(out var second));
        Assert.Equal("spiffe://cluster.local/ns/web/sa/client", first.Peer.Id.ToString());
        Assert.Equal(("web", "client"), (first.Peer.Namespace, first.Peer.ServiceAccount));
        Assert.Equal(certificate.Certificate.Thumbprint, first.Peer.Certificate.Thumbprint);
        Assert.Equal(certificate.Certificate.Thumbprint, first.Thumbprint);
        Assert.Equal("Mesh", first.Principal.Identity!.AuthenticationType);
        Assert.True(first.Principal.Identity.IsAuthenticated);
        Assert.Equal("spiffe://cluster.local/ns/web/sa/client", first.Principal.Identity.Name);
        Assert.Equal(
            [
                (MeshClaimTypes.Id, "spiffe://cluster.local/ns/web/sa/client"),
                (MeshClaimTypes.TrustDomain, "cluster.local"),
                (MeshClaimTypes.Namespace, "web"),
                (MeshClaimTypes.ServiceAccount, "client"),
            ],
            first.Principal.Claims.Select(static claim => (claim.Type, claim.Value)));

        // Once for the connection, and nobody has become a user by it.
        Assert.Same(first.Peer, second.Peer);
        Assert.Same(first.Principal, second.Principal);
        Assert.False(first.User.Identity?.IsAuthenticated);
    }

    [Fact]
    public async Task An_identity_of_another_form_has_no_service_account()
    {
        var peers = new ConcurrentQueue<MeshPeer?>();
        await using var host = await StartAsync(context => peers.Enqueue(context.GetMeshPeer()));
        using var client = host.Client(_authority.Issue("spiffe://cluster.local/machines/7"));

        await client.GetStringAsync("/");

        Assert.True(peers.TryDequeue(out var peer));
        Assert.Equal((null, null), (peer!.Namespace, peer.ServiceAccount));
        Assert.Equal([MeshClaimTypes.Id, MeshClaimTypes.TrustDomain], peer.Principal.Claims.Select(static claim => claim.Type));
    }

    [Fact]
    public async Task Nobody_is_known_in_plaintext()
    {
        var peers = new ConcurrentQueue<(MeshPeer? Peer, object? Certificate)>();
        await using var host = await StartAsync(context => peers.Enqueue((context.GetMeshPeer(), context.Connection.ClientCertificate)));
        using var client = host.Client(null);

        await client.GetStringAsync("/");

        Assert.True(peers.TryDequeue(out var seen));
        Assert.Equal((null, null), seen);
    }

    public void Dispose() => _authority.Dispose();

    private Task<MeshHost> StartAsync(Action<HttpContext> look) => MeshHost.StartAsync(
        _authority.Issue("spiffe://cluster.local/ns/shop/sa/backend"),
        application: app => app.Run(context =>
        {
            look(context);
            return context.Response.WriteAsync("seen");
        }));
}
