using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using MeshSdk.Compilation;
using MeshSdk.Model;
using MeshSdk.Security.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace MeshSdk.Runtime;

/// <summary>What a mesh finds around it: its options, the caller that it speaks for, and the host's services.</summary>
internal sealed record MeshEnvironment(MeshOptions Options)
{
    public CallerContext Caller { get; init; } = CallerDetection.From(Options);

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Random Random { get; init; } = Random.Shared;

    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    public IMeterFactory? Meters { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variables { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>Where PEM files of an identity are looked for.</summary>
    public ImmutableArray<PemPlace> IdentityPlaces { get; init; } = PemPlace.WellKnown;

    /// <summary>A source of identities that is registered as a service.</summary>
    public ICertificateSource? IdentityService { get; init; }

    /// <summary>Ways of looking for an identity that are registered as services.</summary>
    public IEnumerable<ICertificateSourceDetector> IdentityDetectors { get; init; } = [];

    /// <summary>Where the identity of this process comes from. To be asked once for each mesh: each time there is another source.</summary>
    public IdentityFinding FindIdentity() => new IdentityDetection(Options, new CertificateSourceContext(Variables, Time, new UnfailingLoggerFactory(Loggers)))
    {
        Service = IdentityService,
        Detectors = IdentityDetectors,
        Places = IdentityPlaces,
        Locate = Locate,
    }.Find();

    /// <summary>How an application with these options, in this place, compiles its configuration.</summary>
    /// <param name="options">Of the application.</param>
    /// <param name="hasIdentity">Whether it has an identity, or one to wait for; null: that is looked for.</param>
    public static CompilerOptions CompilerOptionsOf(MeshOptions options, bool? hasIdentity = null) => new()
    {
        VerifiesPeers = options.Security == MeshSecurity.On,
        HasIdentity = hasIdentity ?? new MeshEnvironment(options).FindIdentity().HasSource,
        AutoMtls = options.AutoMtls,
        ServesInbound = options.ServesInbound,
        EnforcesGrants = options.ReferenceGrants == MeshReferenceGrants.Enforce,
        DefaultRetry = options.IstioCompatible ? CompilerOptions.IstioRetry : null,
        Outliers = new OutlierAdditions(
            options.OutlierDetection.AlwaysEjectOne,
            options.OutlierDetection.SuccessRate is { Enabled: true } rate
                ? new SuccessRateModel(rate.StdevFactor, rate.Enforcement, rate.MinimumHosts, rate.RequestVolume)
                : null,
            options.OutlierDetection.FailurePercentage is { Enabled: true } failures
                ? new FailurePercentageModel(failures.Threshold, failures.Enforcement, failures.MinimumHosts, failures.RequestVolume)
                : null),
    };

    public ILogger<T> CreateLogger<T>() => new UnfailingLogger<T>(Loggers);

    /// <summary>Where relative paths of manifests begin; null: at the process's current directory.</summary>
    public string? ContentRoot { get; init; }

    /// <summary>A manifest's path as it is to be opened; <c>-</c> is no path.</summary>
    public string Locate(string path) => ContentRoot is null || path == "-" ? path : Path.Combine(ContentRoot, path);
}
