namespace MeshSdk.Identity.Spiffe;

/// <summary>Finds a SPIFFE Workload API where the environment names one.</summary>
internal sealed class SpiffeDetector : ICertificateSourceDetector
{
    public ICertificateSource? Detect(CertificateSourceContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Variable(SpiffeSettings.EndpointVariable) is null ? null : SourceOf(new(), context);
    }

    /// <summary>What options leave open is taken from the environment.</summary>
    public static SpiffeSource SourceOf(MeshSpiffeOptions options, CertificateSourceContext context) => new(
        new(NotEmpty(options.Endpoint) ?? context.Variable(SpiffeSettings.EndpointVariable), NotEmpty(options.Hint)), context.Time, Random.Shared);

    private static string? NotEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
