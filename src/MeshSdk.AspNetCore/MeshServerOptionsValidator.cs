using Microsoft.Extensions.Options;

namespace MeshSdk.AspNetCore;

/// <summary>Finds wrong options when the application starts, and names them.</summary>
internal sealed class MeshServerOptionsValidator : IValidateOptions<MeshServerOptions>
{
    // Whoever wants to wait for longer wants no limit, which would be no protection.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, MeshServerOptions options)
    {
        var failures = new ValidateOptionsResultBuilder();
        Require(Enum.IsDefined(options.Mode), "Mode", "is none of Permissive, Strict and Disable");
        RequireLimit(options.SniffTimeout, "SniffTimeout");
        RequireLimit(options.HandshakeTimeout, "HandshakeTimeout");
        RequireLimit(options.DrainTimeout, "DrainTimeout");
        Require(options.TrustDomains is not null, "TrustDomains", "is null");
        foreach (var domain in options.TrustDomains ?? [])
        {
            Require(SpiffeId.TryParse($"spiffe://{domain}", out var id) && id.TrustDomain == domain, "TrustDomains", $"'{domain}' is no SPIFFE trust domain");
        }

        Require(options.PlaintextPorts is not null, "PlaintextPorts", "is null");
        foreach (var port in options.PlaintextPorts ?? [])
        {
            Require(port is > 0 and <= ushort.MaxValue, "PlaintextPorts", $"{port} is no port");
        }

        Require(options.PlaintextPaths is not null, "PlaintextPaths", "is null");
        foreach (var path in options.PlaintextPaths ?? [])
        {
            Require(path is ['/', ..], "PlaintextPaths", $"'{path}' does not begin with '/'");
        }

        return failures.Build();

        void RequireLimit(TimeSpan time, string member) =>
            Require(time > TimeSpan.Zero && time <= Longest, member, $"{time} is not more than nothing and an hour at most");

        void Require(bool isMet, string member, string fault)
        {
            if (!isMet)
            {
                failures.AddError($"Mesh:Server:{member}: {fault}");
            }
        }
    }
}
