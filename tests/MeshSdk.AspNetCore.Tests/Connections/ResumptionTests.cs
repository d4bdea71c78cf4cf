using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>
/// Callers that offer to take up a session again are asked for their certificate like any other: a session holds the leaf of the caller without what was sent
/// with it, and so would have callers below an intermediate refused.
/// </summary>
public sealed class ResumptionTests : IDisposable
{
    private readonly Authorities _authorities = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("mesh-sessions-");

    public void Dispose()
    {
        _authorities.Dispose();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData("-tls1_2", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", false)]
    [InlineData("-tls1_3", true)]
    public async Task A_caller_that_comes_again_is_known_again(string version, bool isBelowIntermediate)
    {
        await using var server = await Server.StartAsync(_authorities.Case(null).Setup);
        var caller = (isBelowIntermediate ? _authorities.Intermediate : _authorities.Root).Issue(CallerCases.Id);

        await BeginSessionAsync(server, caller, version);
        var second = await ResumeAsync(server, caller, version);

        Assert.DoesNotContain("Reused,", second, StringComparison.Ordinal);
        Assert.Contains($"{CallerCases.Id} HTTP/1.1", second, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_certificate_that_has_ended_is_not_brought_back_by_a_session(string version)
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var server = await Server.StartAsync(_authorities.Case(null).Setup with { Time = time });
        var caller = _authorities.Root.Issue(CallerCases.Id, new() { Lifetime = TimeSpan.FromHours(1) });

        await BeginSessionAsync(server, caller, version);
        time.Advance(TimeSpan.FromHours(2));
        var second = await ResumeAsync(server, caller, version);

        Assert.DoesNotContain("HTTP/1.1 ", second, StringComparison.Ordinal);
        Assert.Contains("expired at", await server.Log.RefusalAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task An_authority_that_has_left_is_not_brought_back_by_a_session(string version)
    {
        var own = _authorities.Foreign.Issue(ServerSetup.Id);
        var both = new TrustBundle(null, [_authorities.Root.Certificate, _authorities.Foreign.Certificate]);
        var source = new InMemoryCertificateSource(new MeshIdentity(own.Certificate, [], [both]));
        await using var server = await Server.StartAsync(new ServerSetup { Source = source });
        var caller = _authorities.Root.Issue(CallerCases.Id);

        await BeginSessionAsync(server, caller, version);
        source.Update(new MeshIdentity(own.Certificate, [], [new TrustBundle(null, [_authorities.Foreign.Certificate])]));
        await Eventually.HoldsAsync(() => server.Mesh.Acceptor.Trust?.Anchors.Sum(static anchors => anchors.Authorities.Length) == 1);
        var second = await ResumeAsync(server, caller, version);

        Assert.DoesNotContain("HTTP/1.1 ", second, StringComparison.Ordinal);
        Assert.Contains("no trusted authority vouches", await server.Log.RefusalAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_in_dotnet_that_would_resume_is_known_each_time()
    {
        await using var server = await Server.StartAsync(_authorities.Case(null).Setup);
        var caller = _authorities.Intermediate.Issue(CallerCases.Id);

        for (var i = 0; i < 3; i++)
        {
            await using var connection = await Caller.TlsAsync(server.EndPoint, caller, resumes: true);
            Assert.Contains(CallerCases.Id, await connection.GetAsync(), StringComparison.Ordinal);
        }
    }

    private async Task BeginSessionAsync(Server server, MeshTestCertificate caller, string version) => Assert.Contains(
        $"{CallerCases.Id} HTTP/1.1", await OpenSslCaller.GetAsync(server.EndPoint, caller, $"{version} -sess_out session.pem", _directory.FullName), StringComparison.Ordinal);

    // Without a ticket there may be no session to offer at all.
    private Task<string> ResumeAsync(Server server, MeshTestCertificate caller, string version) => OpenSslCaller.GetAsync(
        server.EndPoint,
        caller,
        File.Exists(Path.Combine(_directory.FullName, "session.pem")) ? $"{version} -sess_in session.pem" : version,
        _directory.FullName);
}
