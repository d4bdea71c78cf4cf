namespace MeshSdk.Compilation.Localities;

/// <summary>Which endpoints of one port of a service a caller prefers.</summary>
internal sealed record LocalityPreference(CallerPlace Caller)
{
    /// <summary>Null: localities do not matter.</summary>
    public LocalitySettings? Settings { get; init; }

    /// <summary>Whether endpoints are ejected where they do badly. Without that far ones would never stand in for near ones.</summary>
    public bool HasOutlierDetection { get; init; }

    /// <summary>Whether the hints of slices are kept to where the settings make no difference.</summary>
    public bool UsesHints { get; init; }

    /// <summary>Nothing but the endpoints on the caller's own node.</summary>
    public bool OnlyOwnNode { get; init; }

    public EndpointRanks Rank(IReadOnlyList<EndpointPlace> endpoints)
    {
        if (OnlyOwnNode)
        {
            return EndpointRanks.Without([.. endpoints.Select(endpoint => endpoint.Node != Caller.Node)]);
        }

        var ranks = Settings switch
        {
            null => EndpointRanks.Even,
            { Distribute: { IsEmpty: false } distributions } => Caller.Locality is { } locality
                ? DistributionRanking.Rank(distributions, locality, endpoints)
                : EndpointRanks.Even,
            _ => HasOutlierDetection || Settings.ForcesFailover ? FailoverRanking.Rank(Settings, Caller, endpoints) : EndpointRanks.Even,
        };
        return UsesHints && ranks.IsEven ? TopologyHints.Rank(Caller, endpoints).With(ranks.Doubt) : ranks;
    }
}
