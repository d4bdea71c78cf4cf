using System.Diagnostics.Metrics;
using MeshSdk.Compilation;
using MeshSdk.Model;
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

    /// <summary>How configuration is compiled under these options.</summary>
    public CompilerOptions CompilerOptions => CompilerOptionsOf(Options);

    public static CompilerOptions CompilerOptionsOf(MeshOptions options) => new()
    {
        VerifiesPeers = options.Security == MeshSecurity.On,
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
