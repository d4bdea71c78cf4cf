namespace MeshSdk.Identity.Istiod;

/// <summary>Finds istiod where the environment says what certificate authority to ask.</summary>
internal sealed class IstiodDetector : ICertificateSourceDetector
{
    public ICertificateSource? Detect(CertificateSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Variable(IstiodSettings.AddressVariable) is null ? null : SourceOf(new(), context);
    }

    /// <summary>What options leave open is taken from the environment, else as Istio has it.</summary>
    /// <exception cref="ArgumentException">The lifetime is none that istiod would issue for.</exception>
    public static IstiodSource SourceOf(MeshIstiodOptions options, CertificateSourceContext context)
    {
        if (options.CertificateLifetime < TimeSpan.FromMinutes(1) || options.CertificateLifetime > IstiodSettings.LongestLifetime)
        {
            throw new ArgumentException(
                $"{nameof(MeshIstiodOptions)}.{nameof(MeshIstiodOptions.CertificateLifetime)} is {options.CertificateLifetime}; it has to be from a minute to 90 days",
                nameof(options));
        }

        return new(
            new(
                NotEmpty(options.Address) ?? context.Variable(IstiodSettings.AddressVariable),
                NotEmpty(options.ServerName) ?? context.Variable(IstiodSettings.ServerNameVariable),
                NotEmpty(options.RootFile) ?? IstiodSettings.DefaultRootFile,
                NotEmpty(options.TokenFile) ?? IstiodSettings.DefaultTokenFile,
                NotEmpty(options.TrustDomain) ?? context.Variable(IstiodSettings.TrustDomainVariable) ?? IstiodSettings.DefaultTrustDomain,
                NotEmpty(options.ClusterId) ?? context.Variable(IstiodSettings.ClusterIdVariable),
                options.CertificateLifetime),
            context.Time,
            Random.Shared);
    }

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
