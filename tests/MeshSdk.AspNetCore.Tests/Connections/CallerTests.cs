using System.Security.Authentication;
using MeshSdk.AspNetCore.Tests.Fixtures;
using MeshSdk.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace MeshSdk.AspNetCore.Tests.Connections;

/// <summary>Who is listened to over mutual TLS, and who is not and hears nothing: callers in .NET and in OpenSSL's own client.</summary>
public sealed class CallerTests : IDisposable
{
    private readonly Authorities _authorities = new();

    public static TheoryData<string> Refused => [.. CallerCases.Refused.Keys];

    public static TheoryData<string> Accepted => [.. CallerCases.Accepted.Keys];

    public void Dispose() => _authorities.Dispose();

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_caller_that_is_none_is_refused(string which)
    {
        var (words, make) = CallerCases.Refused[which];
        var setup = make(_authorities);
        var calls = 0;
        await using var server = await Server.StartAsync(setup.Setup with { Handle = CountAsync });

        Assert.Null(await AnswerAsync(server, setup.Caller));

        var refusal = await server.Log.RefusalAsync();
        Assert.All(words, word => Assert.Contains(word, refusal, StringComparison.Ordinal));
        Assert.Contains($"to port {server.EndPoint.Port} was refused", refusal, StringComparison.Ordinal);
        Assert.Contains("The connection from 127.0.0.1:", refusal, StringComparison.Ordinal);
        Assert.Equal(0, Volatile.Read(ref calls));

        Task CountAsync(HttpContext context)
        {
            Interlocked.Increment(ref calls);
            return Task.CompletedTask;
        }
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task A_caller_that_is_one_is_known(string which)
    {
        var setup = CallerCases.Accepted[which](_authorities);
        await using var server = await Server.StartAsync(setup.Setup);

        var answer = await AnswerAsync(server, setup.Caller);

        Assert.Contains($"{setup.Caller!.ToIdentity().Id} HTTP/1.1", answer, StringComparison.Ordinal);
        Assert.Empty(server.Log.Refusals);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task OpenSsl_as_somebody_else_is_refused(string which)
    {
        var (words, make) = CallerCases.Refused[which];
        var setup = make(_authorities);
        await using var server = await Server.StartAsync(setup.Setup);

        var seen = await OpenSslCaller.GetAsync(server.EndPoint, setup.Caller);

        Assert.DoesNotContain("HTTP/1.1 ", seen, StringComparison.Ordinal);
        var refusal = await server.Log.RefusalAsync();
        Assert.All(words, word => Assert.Contains(word, refusal, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Accepted))]
    public async Task OpenSsl_as_a_caller_is_known(string which)
    {
        var setup = CallerCases.Accepted[which](_authorities);
        await using var server = await Server.StartAsync(setup.Setup);

        var seen = await OpenSslCaller.GetAsync(server.EndPoint, setup.Caller);

        Assert.Contains($"{setup.Caller!.ToIdentity().Id} HTTP/1.1", seen, StringComparison.Ordinal);
    }

    // What the platform does not offer fails the handshake by itself; what it does offer is refused after it.
    [Theory]
    [InlineData("ECDHE-ECDSA-AES256-GCM-SHA384", null)]
    [InlineData("ECDHE-ECDSA-AES128-GCM-SHA256", null)]
    [InlineData("ECDHE-ECDSA-AES128-SHA256", "offers no better cipher suite than TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")]
    [InlineData("ECDHE-ECDSA-AES256-SHA", "TLS handshake")]
    public async Task A_weak_cipher_suite_is_refused(string suite, string? refusal)
    {
        await using var server = await Server.StartAsync(_authorities.Case(null).Setup);

        var seen = await OpenSslCaller.GetAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id), $"-tls1_2 -cipher {suite}");

        Assert.Equal(refusal is null, seen.Contains($"{CallerCases.Id} HTTP/1.1", StringComparison.Ordinal));
        if (refusal is not null)
        {
            Assert.Contains(refusal, await server.Log.LineAsync("was refused"), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-tls1_1 -cipher DEFAULT@SECLEVEL=0", false, false)]
    [InlineData("-tls1_2", false, true)]
    [InlineData("-tls1_3", false, true)]
    [InlineData("-tls1_2", true, false)]
    [InlineData("-tls1_3", true, true)]
    public async Task Version_1_2_is_the_least_or_1_3_where_that_is_required(string version, bool requires13, bool isAccepted)
    {
        await using var server = await Server.StartAsync(_authorities.Case(null).Setup with { Mesh = mesh => mesh.Identity.RequireTls13 = requires13 });

        var seen = await OpenSslCaller.GetAsync(server.EndPoint, _authorities.Root.Issue(CallerCases.Id), version);

        Assert.Equal(isAccepted, seen.Contains($"{CallerCases.Id} HTTP/1.1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listed_domain_without_a_bundle_is_warned_of()
    {
        await using var server = await Server.StartAsync((_authorities.Case(null) with { TrustDomains = ["partner.example"] }).Setup);

        await server.Log.LineAsync("Callers of partner.example (Mesh:Server:TrustDomains) are refused");
    }

    [Fact]
    public async Task A_flood_of_refusals_is_a_few_lines_and_a_number()
    {
        await using var server = await Server.StartAsync(_authorities.Case(null).Setup);
        var stranger = _authorities.Foreign.Issue(CallerCases.Id);

        for (var i = 0; i < 20; i++)
        {
            Assert.Null(await AnswerAsync(server, stranger));
        }

        await Eventually.HoldsAsync(
            () => server.Log.Lines.Count(static line => line.Text.Contains("no trusted authority", StringComparison.Ordinal)), static count => count == 20);
        Assert.Single(server.Log.Refusals);
        Assert.DoesNotContain(server.Log.Lines, static line => line.Level == LogLevel.Error);
    }

    private static async Task<string?> AnswerAsync(Server server, MeshTestCertificate? caller)
    {
        try
        {
            await using var connection = await Caller.TlsAsync(server.EndPoint, caller);
            return await connection.GetAsync();
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return null;
        }
    }
}
