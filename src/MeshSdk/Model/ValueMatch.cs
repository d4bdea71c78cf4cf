using System.Text.RegularExpressions;

namespace MeshSdk.Model;

/// <summary>A condition on a header or query parameter: the whole value equals <paramref name="Value"/>, or the anchored pattern matches it.</summary>
internal sealed record ValueMatch(string Name, string Value, Regex? Pattern = null);
