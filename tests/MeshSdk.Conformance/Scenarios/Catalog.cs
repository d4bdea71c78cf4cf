using MeshSdk.Conformance.Cases;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>All that is asked of the mesh.</summary>
internal static class Catalog
{
    public static IReadOnlyList<ScenarioGroup> Groups { get; } =
    [
        new("The 23 mesh tests", [.. MeshScenarios.Http, .. MeshScenarios.Redirects, .. MeshScenarios.Grpc]),
        new("Gateway tests that carry over", [
            .. MatchingScenarios.All, .. HeaderScenarios.All, .. RewriteScenarios.All, .. RedirectScenarios.All, .. MirrorScenarios.All,
            .. TrafficScenarios.All, .. TimeoutScenarios.All, .. RetryScenarios.All, .. BackendScenarios.All, .. BackendTlsScenarios.All, .. GrantScenarios.All, .. ParentScenarios.All,
            .. CorsScenarios.All, .. GrpcScenarios.All]),
        new("Beyond the upstream suite", [
            .. OwnFrontendScenarios.All, .. OwnMergeScenarios.All, .. OwnOutcomeScenarios.All, .. OwnFilterScenarios.All, .. OwnStreamScenarios.All,
            .. OwnSourceScenarios.All, .. SessionScenarios.All]),
    ];

    public static Scenario Find(string name) => Groups.SelectMany(static group => group.Scenarios).Single(scenario => scenario.Name == name);

    /// <summary>How many tests a scenario is.</summary>
    public static int Count(Scenario scenario) => scenario.Cases.Count * scenario.Versions.Count;

    /// <summary>A theory row for every case of the scenarios and every HTTP version.</summary>
    public static IEnumerable<TheoryDataRow<string, string, string>> Rows(params IEnumerable<Scenario> scenarios) =>
        from scenario in scenarios
        from version in scenario.Versions
        from part in scenario.Cases
        select new TheoryDataRow<string, string, string>(scenario.Name, part.Name, version);
}
