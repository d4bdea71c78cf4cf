using MeshSdk.Conformance.Cases;

namespace MeshSdk.Conformance.Scenarios;

/// <summary>Scenarios under one heading of the report.</summary>
internal sealed record ScenarioGroup(string Title, IReadOnlyList<Scenario> Scenarios);
