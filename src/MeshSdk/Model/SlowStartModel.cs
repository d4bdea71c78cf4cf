namespace MeshSdk.Model;

/// <summary>How endpoints that are new get their share only little by little.</summary>
/// <param name="Window">How long an endpoint is new.</param>
/// <param name="MinimumPercent">Of its weight that an endpoint has at once, 0 to 100.</param>
/// <param name="Aggression">1 for a share that grows evenly; a larger one grows fast at first.</param>
internal sealed record SlowStartModel(TimeSpan Window, double MinimumPercent = 10, double Aggression = 1);
