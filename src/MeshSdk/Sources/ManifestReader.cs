using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using MeshSdk.Resources;
using MeshSdk.Resources.Json;
using MeshSdk.Sources.Manifests;

namespace MeshSdk.Sources;

/// <summary>
/// Reads manifests, YAML or JSON, one or many documents, lists unrolled. Never throws for what a text says: an object that cannot be read
/// becomes a problem and does not hide its neighbours; a syntax error hides what follows it in its document, and in JSON in its text. Of
/// destination rules, TLS policies, peer authentications and authorization policies that cannot be read <see cref="ManifestContent.StandIns"/> tells what they
/// may demand.
/// </summary>
internal sealed class ManifestReader
{
    private static readonly SearchValues<char> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c).Where(c => c is not ('\t' or '\n' or '\r')), '\u007f', '\ufffe', '\uffff']);

    private static readonly ResourceKind RuleKind =
        ResourceKinds.TryGet("networking.istio.io", "DestinationRule", out var kind) ? kind : throw new InvalidOperationException();

    private static readonly ResourceKind TlsPolicyKind =
        ResourceKinds.TryGet("gateway.networking.k8s.io", "BackendTLSPolicy", out var kind) ? kind : throw new InvalidOperationException();

    private static readonly ResourceKind PeerKind =
        ResourceKinds.TryGet("security.istio.io", PeerAuthentication.KindName, out var kind) ? kind : throw new InvalidOperationException();

    private static readonly ResourceKind AuthorizationKind =
        ResourceKinds.TryGet("security.istio.io", AuthorizationPolicy.KindName, out var kind) ? kind : throw new InvalidOperationException();

    private readonly string _file;
    private readonly Action<ManifestObject>? _seen;
    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly ImmutableArray<Resource>.Builder _resources = ImmutableArray.CreateBuilder<Resource>();
    private readonly ProblemList _problems;
    private readonly ImmutableArray<ResourceKey>.Builder _unreadable = ImmutableArray.CreateBuilder<ResourceKey>();
    private readonly ImmutableArray<StandIn>.Builder _standIns = ImmutableArray.CreateBuilder<StandIn>();
    private bool _unidentified;
    private readonly ImmutableArray<MeshDiagnostic>.Builder _syntaxFaults = ImmutableArray.CreateBuilder<MeshDiagnostic>();
    private bool _empty = true;

    private ManifestReader(string file, Action<ManifestObject>? seen)
    {
        _file = file;
        _seen = seen;
        _problems = new(file);
    }

    /// <param name="text">The whole text of a file.</param>
    /// <param name="fileName">As problems and <see cref="Resource.Origin"/> are to name it.</param>
    /// <param name="seen">Told of every object as it was written, of whatever kind and however wrong; null: nobody asks.</param>
    public static ManifestContent Read(string text, string fileName, Action<ManifestObject>? seen = null) => new ManifestReader(fileName, seen).Read(text);

    private ManifestContent Read(string text)
    {
        text = text.TrimStart('\ufeff');
        if (text.Length > ManifestLimits.Length)
        {
            Syntax(1, new(1, "", $"the file is larger than {ManifestLimits.Length} characters; split it"), text);
        }
        else if (JsonDocumentReader.Accepts(text) || _file.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
        {
            Documents(new JsonDocumentReader(text), text, linesBefore: 0);
        }
        else
        {
            var number = 0;
            foreach (var (piece, linesBefore) in YamlDocuments.Split(text))
            {
                number = Documents(new YamlDocumentReader(piece, linesBefore, number), piece, linesBefore);
            }
        }

        return Content();
    }

    /// <summary>Returns the number of the last document.</summary>
    private int Documents(IDocumentReader documents, string text, int linesBefore)
    {
        // The YAML parser takes a NUL, as a crashed write may leave many of, for the end of the text: objects would vanish without a word.
        var control = text.AsSpan().IndexOfAny(ControlCharacters);
        if (control >= 0)
        {
            var line = text.AsSpan(0, control).Count('\n') + 1 + linesBefore;
            Syntax(documents.Number + 1, new(line, "", $"the file holds a control character (U+{(int)text[control]:X4}); it is damaged or no text"), text);
            return documents.Number + 1;
        }

        while (documents.Next() is { } document)
        {
            Document(document);
        }

        if (documents.SyntaxFault is { } fault)
        {
            Syntax(documents.Number, fault, documents.Unread);
        }

        return documents.Number;
    }

    private void Syntax(int document, TextFault fault, string unread)
    {
        _syntaxFaults.Add(_problems.Syntax(document, fault));
        _standIns.AddRange(DestinationRuleScan.Find(unread, new(_file, document, fault.Line)));
        _standIns.AddRange(PeerAuthenticationScan.Find(unread, new(_file, document, fault.Line)));
        _standIns.AddRange(AuthorizationPolicyScan.Find(unread, new(_file, document, fault.Line)));
    }

    private void Document(ManifestDocument document)
    {
        if (document.Root is ScalarNode { Kind: ScalarKind.Null } && document.Faults.Count == 0)
        {
            return;
        }

        _empty = false;
        Value(document, document.Root, document.Faults, "", inheritedVersion: null, inheritedKind: null);
    }

    /// <summary>Reads an object or a list of them. <paramref name="prefix"/> is the path that leads here from the document's root.</summary>
    private void Value(
        ManifestDocument document, ManifestNode node, IReadOnlyList<TextFault> faults, string prefix, string? inheritedVersion, string? inheritedKind)
    {
        if (node is SequenceNode sequence)
        {
            Items(document, sequence, faults, prefix, null, null);
            return;
        }

        if (node is not MappingNode mapping)
        {
            var subject = $"document {document.Number}";
            if (faults.Count > 0)
            {
                _problems.Text(document.Number, faults, "", subject);
            }
            else
            {
                _problems.Add(ManifestCodes.InvalidManifest, subject, prefix, "an object with apiVersion, kind and metadata is expected", document.Number, node.Line);
            }

            _unidentified = true;
            return;
        }

        var kind = mapping.Text("kind") ?? inheritedKind;
        var version = mapping.Text("apiVersion") ?? inheritedVersion;
        if (kind is not null && kind.EndsWith("List", StringComparison.Ordinal) && (mapping["items"] is SequenceNode || kind == "List"))
        {
            // The items of a typed list need not repeat what the list says.
            var itemKind = kind.Length > "List".Length ? kind[..^"List".Length] : null;
            var items = mapping["items"] as SequenceNode ?? new SequenceNode(node.Line, []);
            Items(document, items, faults, prefix + (prefix.Length > 0 ? ".items" : "items"), itemKind is null ? null : version, itemKind);
            return;
        }

        Object(document, mapping, faults, prefix, version, kind);
    }

    private void Items(
        ManifestDocument document, SequenceNode items, IReadOnlyList<TextFault> faults, string prefix, string? version, string? kind)
    {
        var rest = faults;
        for (var i = 0; i < items.Items.Count; i++)
        {
            var path = $"{prefix}[{i}]";
            IReadOnlyList<TextFault> own = rest.Count == 0 ? rest : [.. rest.Where(fault => TextFault.IsWithin(fault.Path, path))];
            rest = own.Count == 0 ? rest : [.. rest.Except(own)];
            Value(document, items.Items[i], own, path, version, kind);
        }

        if (rest.Count > 0)
        {
            _problems.Text(document.Number, rest, "", $"document {document.Number}");
            _unidentified = true;
        }
    }

    private void Object(
        ManifestDocument document, MappingNode mapping, IReadOnlyList<TextFault> faults, string prefix, string? version, string? kind)
    {
        _seen?.Invoke(new(_file, document.Number, mapping, version, kind));
        var metadata = mapping["metadata"] as MappingNode;
        var name = metadata?.Text("name");
        var space = metadata?.Text("namespace") is { Length: > 0 } stated ? stated : ResourceKind.DefaultNamespace;
        var subject = string.IsNullOrEmpty(kind) ? $"document {document.Number}"
            : string.IsNullOrEmpty(name) ? $"{kind} in document {document.Number}"
            : new ResourceKey(kind, space, name).ToString();

        // The fields of an object that has a name are told from the object on, those of another one from the document on.
        var isNamed = !string.IsNullOrEmpty(kind) && !string.IsNullOrEmpty(name);
        var (cut, lead) = isNamed ? (prefix, "") : ("", prefix.Length == 0 ? "" : prefix + ".");
        if (string.IsNullOrEmpty(kind) || string.IsNullOrEmpty(version))
        {
            _problems.Text(document.Number, faults, cut, subject);
            var (missing, example) = string.IsNullOrEmpty(kind) ? ("kind", "HTTPRoute") : ("apiVersion", "gateway.networking.k8s.io/v1");
            var found = mapping[missing];
            _problems.Add(ManifestCodes.InvalidManifest, subject, lead + missing, $"every object needs its {missing}, a text as in {example}", document.Number, (found ?? mapping).Line);
            _unidentified = true;
            if (kind == RuleKind.Kind)
            {
                AddStandIn(document, mapping, [.. faults.Select(fault => fault.Below(prefix))], space, name);
            }
            else if (kind == AuthorizationKind.Kind)
            {
                AddAuthorizationStandIn(document, mapping, [.. faults.Select(fault => fault.Below(prefix))], space, name);
            }

            return;
        }

        var group = ResourceKinds.GroupOf(version);
        if (!ResourceKinds.TryGet(group, kind, name, out var known))
        {
            _problems.UnknownKind(group, kind, subject, document.Number, mapping.Line);
            return;
        }

        var problems = _problems.Count;
        _problems.Text(document.Number, faults, cut, subject);
        var resource = faults.Count > 0 ? null : Typed(document, mapping, known, subject, lead);
        if (string.IsNullOrEmpty(name))
        {
            // Whatever else is wrong, but not twice for a name that is there with a wrong type.
            if (_problems.Count == problems)
            {
                _problems.Add(ManifestCodes.InvalidField, subject, lead + "metadata.name", "every object needs a name", document.Number, (metadata ?? mapping).Line);
            }

            _unidentified = true;
        }
        else if (resource is null)
        {
            _unreadable.Add(new(kind, space, name));
        }
        else
        {
            _resources.Add(resource with { Origin = new(_file, document.Number, mapping.Line) });
            return;
        }

        if (known == RuleKind)
        {
            AddStandIn(document, mapping, [.. faults.Select(fault => fault.Below(prefix))], space, name);
        }
        else if (known == TlsPolicyKind && !string.IsNullOrEmpty(name))
        {
            AddTlsStandIn(document, mapping, new ObjectMeta { Namespace = space, Name = name });
        }
        else if (known == PeerKind && !string.IsNullOrEmpty(name))
        {
            AddPeerStandIn(document, mapping, new ObjectMeta { Namespace = space, Name = name });
        }
        else if (known == AuthorizationKind)
        {
            AddAuthorizationStandIn(document, mapping, [.. faults.Select(fault => fault.Below(prefix))], space, name);
        }
    }

    /// <summary>Nobody may call those whom it selects or, where that cannot be told, all of its namespace.</summary>
    private void AddAuthorizationStandIn(ManifestDocument document, MappingNode mapping, IReadOnlyList<TextFault> faults, string space, string? name)
    {
        var isNamed = !string.IsNullOrEmpty(name);
        var origin = new ResourceOrigin(_file, document.Number, mapping.Line);
        var labels = faults.Any(static fault => TextFault.IsWithin(fault.Path, "spec.selector") || TextFault.IsWithin("spec.selector", fault.Path)) ? null : Selector(mapping)?.MatchLabels;
        _standIns.Add(new(
            AuthorizationStandIn.Of(new ObjectMeta { Namespace = space, Name = isNamed ? name! : DestinationRuleScan.MadeUpName(origin) }, labels, origin),
            isNamed));
    }

    /// <summary>It may have said that nothing goes in plaintext, to those that it selects or, where that cannot be told, to all of its namespace.</summary>
    private void AddPeerStandIn(ManifestDocument document, MappingNode mapping, ObjectMeta metadata)
    {
        _standIns.Add(new(
            new PeerAuthentication
            {
                Metadata = metadata,
                Spec = new() { Selector = Selector(mapping), Mtls = new() { Mode = PeerMutualTls.Unreadable } },
                Origin = new(_file, document.Number, mapping.Line),
            },
            IsNamed: true));
    }

    /// <summary>The pods that a policy is for; null: all, or that cannot be told.</summary>
    private WorkloadSelector? Selector(MappingNode policy)
    {
        if (policy["spec"] is not MappingNode spec || spec["selector"] is not { } selector)
        {
            return null;
        }

        try
        {
            return ((PeerAuthentication)Read(new(spec.Line, [new("spec", new MappingNode(spec.Line, [new("selector", selector)]))]), PeerKind)).Spec.Selector;
        }
        catch (JsonException)
        {
            // The fault is there, or there as well. That it cannot be read is said.
            return null;
        }
    }

    /// <summary>Whom the policy is about is known: nobody can satisfy what it may have asked of them.</summary>
    private void AddTlsStandIn(ManifestDocument document, MappingNode mapping, ObjectMeta metadata)
    {
        if (mapping["spec"] is not MappingNode spec || spec["targetRefs"] is not { } targets)
        {
            return;
        }

        try
        {
            var policy = Read(new(spec.Line, [new("spec", new MappingNode(spec.Line, [new("targetRefs", targets)]))]), TlsPolicyKind);
            _standIns.Add(new(policy with { Metadata = metadata, Origin = new(_file, document.Number, mapping.Line) }, IsNamed: true));
        }
        catch (JsonException)
        {
            // Whom it is about cannot be told either. That it cannot be read is said.
        }
    }

    private void AddStandIn(ManifestDocument document, MappingNode mapping, IReadOnlyList<TextFault> textFaults, string space, string? name)
    {
        IReadOnlyList<TextFault> faults = [.. textFaults, .. FieldCheck.Find(RuleKind.TypeInfo, mapping)];
        var origin = new ResourceOrigin(_file, document.Number, mapping.Line);
        if (DestinationRuleSalvage.Spec(mapping, faults) is not { } spec)
        {
            return;
        }

        Resource rule;
        try
        {
            rule = Read(new(spec.Line, [new("spec", spec)]), RuleKind);
        }
        catch (JsonException)
        {
            // For a reason that no fault names.
            rule = Read(new(spec.Line, [new("spec", DestinationRuleSalvage.Unknown(spec.Line))]), RuleKind);
        }

        var isNamed = !string.IsNullOrEmpty(name);
        var metadata = new ObjectMeta { Namespace = space, Name = isNamed ? name! : DestinationRuleScan.MadeUpName(origin) };
        _standIns.Add(new((DestinationRule)rule with { Metadata = metadata, Origin = origin }, isNamed));
    }

    private Resource? Typed(ManifestDocument document, MappingNode mapping, ResourceKind kind, string subject, string lead)
    {
        IReadOnlyList<TextFault> faults = mapping.HasNullItem ? FieldCheck.Find(kind.TypeInfo, mapping) : [];
        if (faults.Count == 0)
        {
            try
            {
                return Read(mapping, kind);
            }
            catch (JsonException fault)
            {
                faults = FieldCheck.Find(kind.TypeInfo, mapping);
                if (faults.Count == 0)
                {
                    var path = fault.Path is null or "$" ? "" : fault.Path.StartsWith("$.", StringComparison.Ordinal) ? fault.Path[2..] : fault.Path;
                    faults = [new(mapping.Line, path, "the value cannot be read")];
                }
            }
        }

        foreach (var fault in faults)
        {
            _problems.Add(ManifestCodes.InvalidField, subject, lead + fault.Path, fault.Message, document.Number, fault.Line);
        }

        return null;
    }

    private Resource Read(MappingNode mapping, ResourceKind kind)
    {
        _json.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_json))
        {
            NodeJson.Write(writer, mapping);
        }

        return kind.Read(_json.WrittenSpan);
    }

    private ManifestContent Content() => new(_resources.ToImmutable(), _problems.ToImmutable())
    {
        Unreadable = _unreadable.ToImmutable(),
        StandIns = _standIns.ToImmutable(),
        HasUnidentified = _unidentified,
        SyntaxFaults = _syntaxFaults.ToImmutable(),
        IsEmpty = _empty && _syntaxFaults.Count == 0,
    };
}
