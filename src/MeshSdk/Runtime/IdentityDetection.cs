using System.Collections.Immutable;
using MeshSdk.Security.Sources;
using Microsoft.Extensions.Logging;

namespace MeshSdk.Runtime;

/// <summary>
/// Finds where the identity of this process comes from. What is meant and cannot be used is a source that fails, and never none: a process without a source
/// sends in plaintext.
/// </summary>
internal sealed record IdentityDetection(MeshOptions Options, CertificateSourceContext Context)
{
    // What says that an identity is meant, and what reads it.
    private static readonly ImmutableArray<(string Variable, string What)> ByPackage =
    [
        ("SPIFFE_ENDPOINT_SOCKET", "the SPIFFE Workload API"),
        ("CA_ADDR", "a certificate authority"),
    ];

    private const string Package = "add the package MeshSdk.Identity and AddMesh(m => m.UseWorkloadIdentity())";

    /// <summary>A source that is registered as a service.</summary>
    public ICertificateSource? Service { get; init; }

    /// <summary>Ways of looking that packages have added, beside those of the options.</summary>
    public IEnumerable<ICertificateSourceDetector> Detectors { get; init; } = [];

    public ImmutableArray<PemPlace> Places { get; init; } = PemPlace.WellKnown;

    /// <summary>A path of the options as it is to be opened.</summary>
    public Func<string, string> Locate { get; init; } = static path => path;

    public IdentityFinding Find() =>
        Options.Security == MeshSecurity.Off ? new IdentityFinding(null, "security is off (Mesh:Security)")
        : Configured() is { } configured ? configured
        : !Options.Identity.Detect ? new IdentityFinding(null, "none is configured, and none may be looked for (Mesh:Identity:Detect)")
        : Detected() ?? new IdentityFinding(null, Nothing());

    private IdentityFinding? Configured()
    {
        var identity = Options.Identity;
        return identity switch
        {
            { Source: { } source } => new IdentityFinding(source, "Mesh:Identity:Source is set"),
            { CertificateFile: { } certificate, PrivateKeyFile: { } privateKey, TrustBundleFile: { } trustBundle } =>
                Files(new PemPaths(Locate(certificate), Locate(privateKey), Locate(trustBundle)), "Mesh:Identity:CertificateFile is set"),
            { Directory: { } directory } => Files(new PemDirectory(new PemPlace(Locate(directory))), "Mesh:Identity:Directory is set"),
            _ => Service is { } service ? new IdentityFinding(service, "it is registered as a service") : null,
        };
    }

    private IdentityFinding? Detected()
    {
        if (Places.FirstOrDefault(static place => place.HasFiles) is { } place)
        {
            return Files(new PemDirectory(place), "its files are there");
        }

        return Bootstrap() ?? Asked() ?? Unread() ?? Awaited();
    }

    private IdentityFinding? Bootstrap() =>
        Context.Variable(GrpcBootstrap.Variable) is { } path && new GrpcBootstrap(path) is var bootstrap && !bootstrap.HasNoCertificates()
            ? Files(bootstrap, $"{GrpcBootstrap.Variable} is set")
            : null;

    private IdentityFinding? Asked()
    {
        foreach (var detector in Options.Identity.Detectors.Concat(Detectors))
        {
            try
            {
                if (detector.Detect(Context) is { } source)
                {
                    return new IdentityFinding(source, $"{detector.GetType().Name} has found it", IsOwned: true);
                }
            }
#pragma warning disable CA1031 // It may be the application's own. Whatever it throws, an identity may be meant.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return Failing($"what {detector.GetType().Name} looks for", e.Message, $"{detector.GetType().Name} has failed");
            }
        }

        return null;
    }

    private IdentityFinding? Unread()
    {
        foreach (var (variable, what) in ByPackage)
        {
            if (Context.Variable(variable) is not null)
            {
                return Failing($"{what} ({variable})", $"nothing in this process can speak to it: {Package}, or set Mesh:Identity:Detect to false", $"{variable} is set");
            }
        }

        return null;
    }

    // Last, although it is about PEM files: a directory that is mounted and empty says less than a variable that somebody has set.
    private IdentityFinding? Awaited() => Places.Where(static place => place.AwaitsFiles).ToList() is { Count: > 0 } awaited
        ? Files(new PemDirectory(awaited), "the directory is there, and the files are yet to come")
        : null;

    private IdentityFinding Files(PemLocation location, string reason) =>
        new(new PemFileSource(location, Context.Time, Context.Loggers.CreateLogger<PemFileSource>()), reason, IsOwned: true);

    private static IdentityFinding Failing(string name, string problem, string reason) =>
        new(new FailingCertificateSource(name, new InvalidOperationException(problem)), reason, IsOwned: true);

    private string Nothing() =>
        $"none is configured, there are no PEM files in {string.Join(", ", Places.Select(static place => place.Directory))}, "
        + $"and none of the variables {GrpcBootstrap.Variable}, {string.Join(", ", ByPackage.Select(static one => one.Variable))} is set";
}
