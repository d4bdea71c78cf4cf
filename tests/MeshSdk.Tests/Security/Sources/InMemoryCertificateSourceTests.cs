using MeshSdk.Testing;

namespace MeshSdk.Tests.Security.Sources;

public sealed class InMemoryCertificateSourceTests
{
    private const string Id = "spiffe://cluster.local/ns/shop/sa/cart";

    [Fact]
    public async Task Every_mesh_gets_the_present_identity_and_each_one_that_takes_its_place()
    {
        using var authority = new MeshCertificateAuthority();
        var (first, second) = (authority.Issue(Id).ToIdentity(), authority.Issue(Id).ToIdentity());
        var source = new InMemoryCertificateSource(first);
        using var stop = new CancellationTokenSource();
        RecordingCertificateSink[] sinks = [new(), new()];
        Task[] runs = [.. sinks.Select(sink => source.RunAsync(sink, stop.Token))];
        Assert.All(sinks, sink => Assert.Same(first, Assert.Single(sink.Identities)));

        source.Update(second);
        foreach (var sink in sinks)
        {
            Assert.Same(second, await sink.PublishedAsync(2));
        }

        await stop.CancelAsync();
        foreach (var run in runs)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        }
    }

    [Fact]
    public async Task One_without_an_identity_says_so_until_it_is_given_one()
    {
        using var authority = new MeshCertificateAuthority();
        var source = new InMemoryCertificateSource();
        using var stop = new CancellationTokenSource();
        var sink = new RecordingCertificateSink();
        var run = source.RunAsync(sink, stop.Token);
        Assert.Contains("has not given one yet", Assert.Single(sink.Failures), StringComparison.Ordinal);
        var issued = authority.Issue(Id);
        source.Update(new MeshIdentity(issued.Certificate, issued.Chain, [new TrustBundle(null, [authority.Certificate])]));
        await sink.PublishedAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task What_a_mesh_refuses_is_a_failure_and_the_next_one_is_taken()
    {
        using var authority = new MeshCertificateAuthority();
        var issued = authority.Issue(Id);
        var source = new InMemoryCertificateSource(issued.Certificate, issued.Chain, [authority.Certificate]);
        using var stop = new CancellationTokenSource();
        var sink = new RecordingCertificateSink { Refuses = static _ => "expired" };
        var run = source.RunAsync(sink, stop.Token);
        await sink.FailedAsync(1);
        sink.Refuses = static _ => null;
        source.Update(authority.Issue(Id).ToIdentity());
        await sink.PublishedAsync(1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }
}
