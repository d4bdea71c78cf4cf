using System.Net;
using System.Text.RegularExpressions;
using MeshSdk.AspNetCore.Authorization;
using MeshSdk.Model;

namespace MeshSdk.AspNetCore.Tests.Authorization;

/// <summary>A source or an operation: values by the name of their field.</summary>
internal sealed record GivenPart(Dictionary<string, string[]> Fields);

internal sealed record GivenRule(GivenPart[] From, GivenPart[] To);

internal sealed record GivenPolicy(string Action, GivenRule[] Rules);

/// <summary>What policies come to, worked out as slowly and plainly as the specification reads.</summary>
internal static class ReferenceEvaluator
{
    public static bool Allows(GivenPolicy[] policies, InboundCall call, PathNormalization normalization)
    {
        bool Matches(GivenPolicy policy, bool sure) => policy.Rules.Any(rule =>
            (rule.From.Length == 0 || rule.From.Any(part => part.Fields.All(field => Field(field.Key, field.Value, call, normalization, sure))))
            && (rule.To.Length == 0 || rule.To.Any(part => part.Fields.All(field => Field(field.Key, field.Value, call, normalization, sure)))));

        if (policies.Any(policy => policy.Action is "DENY" or "CUSTOM" && Matches(policy, sure: false)))
        {
            return false;
        }

        var allowances = policies.Where(static policy => policy.Action == "ALLOW").ToArray();
        return allowances.Length == 0 || allowances.Any(policy => Matches(policy, sure: true));
    }

    public static string Normalize(string path, PathNormalization normalization)
    {
        if (normalization == PathNormalization.None)
        {
            return path;
        }

        if (normalization is PathNormalization.DecodeAndMergeSlashes or PathNormalization.Unknown)
        {
            path = Regex.Replace(path, "%2f|%5c", "/", RegexOptions.IgnoreCase);
        }

        path = Regex.Replace(path.Replace('\\', '/'), "[\"<>`{}]", static found => $"%{(int)found.Value[0]:X2}");
        path = Regex.Replace(
            path, "%(2[de]|5f|7e|3[0-9]|[46][1-9a-f]|[57][0-9a])", static found => ((char)Convert.ToByte(found.Groups[1].Value, 16)).ToString(), RegexOptions.IgnoreCase);
        while (Regex.Match(path, @"/\.(?=/|$)") is { Success: true } dot)
        {
            path = path[..dot.Index] + (dot.Index + 2 == path.Length ? "/" : path[(dot.Index + 2)..]);
        }

        while (Regex.Match(path, @"(/[^/]*)?/\.\.(/|$)") is { Success: true } parent)
        {
            path = path[..parent.Index] + "/" + path[(parent.Index + parent.Length)..];
        }

        return normalization == PathNormalization.Base ? path : Regex.Replace(path, "/+", "/");
    }

    private static bool Field(string name, string[] values, InboundCall call, PathNormalization normalization, bool sure) =>
        name.StartsWith("not", StringComparison.Ordinal)
            ? !values.Any(value => Value(char.ToLowerInvariant(name[3]) + name[4..], value, call, normalization, !sure))
            : values.Any(value => Value(name, value, call, normalization, sure));

    private static bool Value(string name, string value, InboundCall call, PathNormalization normalization, bool sure)
    {
        var identity = call.Caller?.ToString();
        switch (name)
        {
            case "principals":
                return identity is not null && Text(value, identity["spiffe://".Length..]);
            case "namespaces":
                return identity is not null && Regex.IsMatch(identity, $"^.*/ns/{Regex.Escape(value).Replace("\\*", ".*")}/.*$");
            case "serviceAccounts":
                var account = value.Split('/');
                return identity is not null && Regex.IsMatch(
                    identity, $"^spiffe://.+/ns/{(account.Length == 1 ? AuthorizationCase.Namespace : account[0])}/(.+/|)sa/{account[^1]}(/.+)?$");
            case "ipBlocks":
                return value.Contains('/') ? IPNetwork.Parse(value).Contains(call.Address!) : IPAddress.Parse(value).Equals(call.Address);
            case "ports":
                return int.Parse(value) == call.Port;
            case "hosts":
                return Text(value.ToLowerInvariant(), call.Host.ToLowerInvariant());
            case "methods":
                return call.Method.Any(char.IsLower) ? !sure && Text(value.ToUpperInvariant(), call.Method.ToUpperInvariant()) : Text(value, call.Method);
            default:
                var sent = call.Target.Split('?')[0];
                var path = Normalize(sent, normalization);
                if (normalization == PathNormalization.Unknown && path != sent)
                {
                    return !sure;
                }

                var isAlike = Decode(path) == call.Path;
                return sure ? Path(value, path) && (isAlike || Path(value, call.Path)) : Path(value, path) || Path(value, call.Path);
        }
    }

    private static bool Path(string value, string path)
    {
        if (!value.Contains('{', StringComparison.Ordinal))
        {
            return Text(value, path);
        }

        const string inSegment = "[-A-Za-z0-9._~%!$&'()+,;:@";
        var pattern = Regex.Escape(value).Replace("\\{\\*\\*}", $"{inSegment}/]*").Replace("\\{\\*}", $"{inSegment}]+");
        return Regex.IsMatch(path, $"^{pattern}$");
    }

    private static bool Text(string pattern, string text) =>
        pattern == "*" ? text.Length > 0
        : pattern.StartsWith('*') ? text.EndsWith(pattern[1..], StringComparison.Ordinal)
        : pattern.EndsWith('*') ? text.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : text == pattern;

    private static string Decode(string path) => string.Join(
        "%2F", path.Split("%2F").Select(static part => string.Join("%2f", part.Split("%2f").Select(Uri.UnescapeDataString))));
}
