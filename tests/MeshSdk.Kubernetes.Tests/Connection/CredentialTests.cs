using MeshSdk.Kubernetes.Connection;
using MeshSdk.Kubernetes.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace MeshSdk.Kubernetes.Tests.Connection;

public sealed class CredentialTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_token_file_is_read_again_after_a_minute_and_after_a_refusal()
    {
        var credential = new TokenFileCredential(_directory.Write("token", "one\n"), _time);
        Assert.Equal("Bearer one", await HeaderAsync(credential));
        _directory.Write("token", "two");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("Bearer one", await HeaderAsync(credential));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Bearer two", await HeaderAsync(credential));

        _directory.Write("token", "three");
        credential.Invalidate(await credential.GetHeaderAsync(TestContext.Current.CancellationToken));

        Assert.Equal("Bearer three", await HeaderAsync(credential));

        // A request with the old one may be refused only now, which is no reason to read again for each of a thousand watches.
        _directory.Write("token", "four");
        credential.Invalidate(new("Bearer", "two"));
        Assert.Equal("Bearer three", await HeaderAsync(credential));
    }

    [Fact]
    public async Task An_empty_token_file_is_a_fault()
    {
        var credential = new TokenFileCredential(_directory.Write("token", "\n"), _time);

        Assert.Contains("holds no token", (await Assert.ThrowsAsync<ConnectionException>(() => HeaderAsync(credential))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plugin_is_run_when_its_token_is_about_to_expire()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the plugin is a shell script");
        var credential = Plugin("""
            echo run >> runs
            n=$(wc -l < runs | tr -d ' ')
            echo "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"$1-$FLAVOUR-$n\",\"expirationTimestamp\":\"2030-01-01T00:10:00Z\"}}"
            """);
        Assert.Equal("Bearer two words-sweet-1", await HeaderAsync(credential));
        _time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("Bearer two words-sweet-1", await HeaderAsync(credential));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("Bearer two words-sweet-2", await HeaderAsync(credential));
    }

    [Fact]
    public async Task Many_callers_run_a_plugin_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the plugin is a shell script");
        var credential = Plugin("""
            echo run >> runs
            echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'
            """);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => HeaderAsync(credential)));

        Assert.Single(File.ReadAllLines(_directory.At("runs")));
    }

    [Fact]
    public async Task A_plugin_may_give_a_certificate()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the plugin is a shell script");
        var credential = Plugin("""
            echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"clientCertificateData":"C","clientKeyData":"K"}}'
            """);

        Assert.Null(await credential.GetHeaderAsync(default));
        var given = await credential.GetCertificateAsync(default);
        Assert.Equal("C", await given!.Certificate.ReadAsync(default));
        Assert.Equal("K", await given.Key.ReadAsync(default));
    }

    [Theory]
    [InlineData("echo no such account >&2; exit 3", "exit code 3: no such account")]
    [InlineData("echo hello", "printed no ExecCredential")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"t"}}'""", "asked for client.authentication.k8s.io/v1")]
    [InlineData("""echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{}}'""", "neither a token nor a certificate")]
    public async Task What_is_wrong_with_a_plugin_is_said(string script, string message)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the plugin is a shell script");
        var credential = Plugin(script);

        Assert.Contains(message, (await Assert.ThrowsAsync<ConnectionException>(() => HeaderAsync(credential))).Message, StringComparison.Ordinal);
    }

    private ExecCredential Plugin(string script)
    {
        var path = _directory.Write("bin/plugin", $"#!/bin/sh\ncd {_directory.Path}\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new ExecCredential(
            new()
            {
                ApiVersion = "client.authentication.k8s.io/v1",
                Command = "bin/plugin",
                Arguments = ["two words"],
                EnvironmentVariables = [new() { ["name"] = "FLAVOUR", ["value"] = "sweet" }],
            },
            _directory.Path,
            _time);
    }

    private static async Task<string?> HeaderAsync(ICredential credential) =>
        (await credential.GetHeaderAsync(TestContext.Current.CancellationToken))?.ToString();
}
