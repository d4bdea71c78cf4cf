namespace MeshSdk.Telemetry;

/// <summary>Envoy's short names for what went wrong, which people and dashboards know.</summary>
internal static class ResponseFlags
{
    public const string None = "-";

    /// <summary>No usable endpoint.</summary>
    public const string NoHealthyUpstream = "UH";

    /// <summary>No connection to the endpoint.</summary>
    public const string UpstreamConnectionFailure = "UF";

    /// <summary>The connection ended before the response did.</summary>
    public const string UpstreamConnectionTermination = "UC";

    /// <summary>What the endpoint sent is against the rules of HTTP.</summary>
    public const string UpstreamProtocolError = "UPE";

    /// <summary>No rule matched.</summary>
    public const string NoRoute = "NR";

    /// <summary>The backend that the rule names does not exist.</summary>
    public const string NoCluster = "NC";

    /// <summary>No answer, or not all of it, within the route's timeout.</summary>
    public const string UpstreamRequestTimeout = "UT";

    /// <summary>The last retry failed too.</summary>
    public const string UpstreamRetryLimitExceeded = "URX";

    /// <summary>Too much is asked of the cluster already: a budget or a limit is used up.</summary>
    public const string UpstreamOverflow = "UO";

    /// <summary>The caller went away.</summary>
    public const string DownstreamConnectionTermination = "DC";

    /// <summary>The flags with that of a retry that the limits of the cluster did not let through.</summary>
    public static string Overflowed(string flags) => flags == None ? UpstreamOverflow : $"{flags},{UpstreamOverflow}";

    /// <summary>The flags with that of exhausted retries.</summary>
    public static string Exhausted(string flags) => flags switch
    {
        None => UpstreamRetryLimitExceeded,
        UpstreamRequestTimeout => "UT,URX",
        UpstreamConnectionFailure => "UF,URX",
        UpstreamConnectionTermination => "UC,URX",
        _ => $"{flags},{UpstreamRetryLimitExceeded}",
    };
}
