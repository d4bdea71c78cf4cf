using System.Text.RegularExpressions;

namespace MeshSdk.Tool.Lint.Rules;

/// <summary>A match of a gRPC method names a service, a method, or both, and names that protobuf can have.</summary>
internal sealed partial class GrpcMethodRule : ILintRule
{
    public const string Empty = "GrpcMethodEmpty";
    public const string Invalid = "InvalidGrpcName";

    public IEnumerable<LintFinding> Check(LintObject subject, LintScene scene)
    {
        if (subject.Kind != "GRPCRoute")
        {
            yield break;
        }

        foreach (var method in subject.Rules().SelectMany(static rule => rule["matches"].Items).Select(static match => match["method"]))
        {
            if (method.Exists && string.IsNullOrEmpty(method["service"].Text) && string.IsNullOrEmpty(method["method"].Text))
            {
                yield return method.Error(Empty, "one or both of 'service' and 'method' must be set; leave the method out to match every call");
            }

            if (method["type"].Text is not (null or "Exact"))
            {
                continue;
            }

            if (method["service"].Text is { Length: > 0 } service && !ServiceName().IsMatch(service))
            {
                yield return method["service"].Error(Invalid, $"'{service}' is no name of a service, as in helloworld.Greeter");
            }

            if (method["method"].Text is { Length: > 0 } name && !MethodName().IsMatch(name))
            {
                yield return method["method"].Error(Invalid, $"'{name}' is no name of a method, as in SayHello");
            }
        }
    }

    [GeneratedRegex(@"\A\.?[a-z_][a-z_0-9]*(\.[a-z_][a-z_0-9]*)*\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ServiceName();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z_0-9]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex MethodName();
}
