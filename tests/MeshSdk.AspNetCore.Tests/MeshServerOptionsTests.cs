using MeshSdk.AspNetCore.Tests.Fixtures;
using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore.Tests;

/// <summary>Wrong options fail the start, and are named.</summary>
public sealed class MeshServerOptionsTests
{
    private static readonly Dictionary<string, Action<MeshServerOptions>> Faults = new()
    {
        ["Mode: is none of"] = static options => options.Mode = (PeerAuthenticationMode)7,
        ["SniffTimeout: 00:00:00 is not"] = static options => options.SniffTimeout = TimeSpan.Zero,
        ["SniffTimeout: 02:00:00 is not"] = static options => options.SniffTimeout = TimeSpan.FromHours(2),
        ["HandshakeTimeout: -00:00:00.0010000 is not"] = static options => options.HandshakeTimeout = Timeout.InfiniteTimeSpan,
        ["DrainTimeout: 00:00:00 is not"] = static options => options.DrainTimeout = TimeSpan.Zero,
        ["DrainTimeout: 01:00:00.0010000 is not"] = static options => options.DrainTimeout = TimeSpan.FromHours(1) + TimeSpan.FromMilliseconds(1),
        ["TrustDomains: 'spiffe://partner' is no"] = static options => options.TrustDomains = ["spiffe://partner"],
        ["TrustDomains: 'Partner' is no"] = static options => options.TrustDomains = ["Partner"],
        ["TrustDomains: 'partner/ns' is no"] = static options => options.TrustDomains = ["partner/ns"],
        ["TrustDomains: '' is no"] = static options => options.TrustDomains = [""],
        ["TrustDomains: is null"] = static options => options.TrustDomains = null!,
        ["PlaintextPorts: 0 is no port"] = static options => options.PlaintextPorts = [0],
        ["PlaintextPorts: 65536 is no port"] = static options => options.PlaintextPorts = [8080, 65536],
        ["PlaintextPaths: 'metrics' does not begin with '/'"] = static options => options.PlaintextPaths = ["/healthz", "metrics"],
    };

    public static TheoryData<string> All => [.. typeof(MeshServerOptions).GetProperties().Select(static property => property.Name)];

    public static TheoryData<string> Wrong => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Every_option_is_in_the_documentation(string option)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "MeshSdk.sln")))
        {
            root = root.Parent!;
        }

        foreach (var (page, form) in new[] { ("server.md", $"| `{option}` |"), ("configuration.md", $"`{option}`") })
        {
            Assert.Contains(form, await File.ReadAllTextAsync(Path.Combine(root.FullName, "docs", page), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task A_wrong_option_fails_the_start(string fault)
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => Server.StartAsync(new ServerSetup { Options = Faults[fault] }));

        Assert.Contains($"Mesh:Server:{fault}", error.Message, StringComparison.Ordinal);
    }
}
