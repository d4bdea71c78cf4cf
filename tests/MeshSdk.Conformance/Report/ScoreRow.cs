namespace MeshSdk.Conformance.Report;

/// <summary>A test of the suite and how far it has come; a case that is run in two HTTP versions counts twice.</summary>
internal sealed record ScoreRow(string Test, string Feature, int Cases, int Begun, int Passed);
