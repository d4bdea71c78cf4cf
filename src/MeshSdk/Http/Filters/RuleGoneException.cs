namespace MeshSdk.Http.Filters;

/// <summary>A rule went out of force while a call was about to use what belongs to it. The call is routed again.</summary>
internal sealed class RuleGoneException() : Exception("The rule has gone out of force.");
