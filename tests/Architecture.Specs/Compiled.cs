using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RalmActors.Architecture.Specs;

/// <summary>The product's assemblies as they were compiled: who uses what, down to single members.</summary>
public static class Compiled
{
    public static readonly string[] ActorProjects =
    [
        "Trainer.Actors",
        "Scorer.Actors",
        "OnlineLearner.Actors",
        "Monitor.Actors",
        "AbTesting.Actors",
    ];

    /// <summary>Without an actor in sight, each on those before it.</summary>
    public static readonly string[] Libraries = ["Ralm.Ranking", "Ralm.Drift", "Ralm.Datasets", "Ralm.Models"];

    public static readonly string[] Projects = [.. ActorProjects, .. Libraries, "Shared.Messages", "ralm-host"];

    private static readonly Dictionary<string, AssemblyDefinition> Assemblies = Projects.ToDictionary(
        p => p,
        p => AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, p + ".dll")),
        StringComparer.Ordinal
    );

    public static IEnumerable<string> AssembliesUsedBy(string project) =>
        Assemblies[project].MainModule.AssemblyReferences.Select(r => r.Name);

    /// <summary>Everything our own code uses: <c>(user, used type, used member or "")</c>.</summary>
    public static IEnumerable<Use> Uses(string project) =>
        Assemblies[project]
            .MainModule.Types.Where(t => t.Namespace.StartsWith("Ralm", StringComparison.Ordinal))
            .SelectMany(t => UsesOf(t, t));

    /// <summary>Every call of our own code: the outermost type that calls, and the method's full name.</summary>
    public static IEnumerable<(string Caller, string Called)> Calls(string project) =>
        Assemblies[project].MainModule.Types.SelectMany(t => CallsOf(t).Select(called => (t.FullName, called)));

    private static IEnumerable<string> CallsOf(TypeDefinition type) =>
        type
            .Methods.Where(m => m.HasBody)
            .SelectMany(m => m.Body.Instructions.Select(i => i.Operand).OfType<MethodReference>())
            .Select(m => m.FullName)
            .Concat(type.NestedTypes.SelectMany(CallsOf));

    private static IEnumerable<Use> UsesOf(TypeDefinition type, TypeDefinition outermost)
    {
        List<TypeReference> types =
        [
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.Fields.Select(f => f.FieldType),
        ];
        List<MemberReference> members = [];
        if (type.BaseType is not null)
        {
            types.Add(type.BaseType);
        }

        foreach (var method in type.Methods)
        {
            types.Add(method.ReturnType);
            types.AddRange(method.Parameters.Select(p => p.ParameterType));
            if (method.HasBody)
            {
                types.AddRange(method.Body.Variables.Select(v => v.VariableType));
                members.AddRange(method.Body.Instructions.Select(i => i.Operand).OfType<MemberReference>());
            }
        }

        types.AddRange(members.OfType<TypeReference>());
        return types
            .SelectMany(Parts)
            .Select(t => new Use(outermost.Namespace, outermost.Name, t.Namespace, t.Name, ""))
            .Concat(
                members
                    .Where(m => m is not TypeReference && m.DeclaringType is not null)
                    .SelectMany(m =>
                        Parts(m.DeclaringType)
                            .Select(t => new Use(
                                outermost.Namespace,
                                outermost.Name,
                                t.Namespace,
                                t.Name,
                                Signature(m)
                            ))
                    )
            )
            .Concat(type.NestedTypes.SelectMany(n => UsesOf(n, outermost)))
            .Distinct();
    }

    private static string Signature(MemberReference member) =>
        member is MethodReference method ? $"{method.Name}/{method.Parameters.Count}" : member.Name;

    private static IEnumerable<TypeReference> Parts(TypeReference type)
    {
        if (type is GenericInstanceType generic)
        {
            foreach (var argument in generic.GenericArguments.SelectMany(Parts))
            {
                yield return argument;
            }
        }

        var element = type.GetElementType();
        while (element.DeclaringType is not null)
        {
            element = element.DeclaringType;
        }

        if (!element.IsGenericParameter)
        {
            yield return element;
        }
    }
}

/// <summary>One use of a type (its outermost one) or of one of its members, written <c>Name/parameters</c>.</summary>
public sealed record Use(string Namespace, string Type, string UsedNamespace, string UsedType, string UsedMember)
{
    /// <summary>Pure: what it returns follows from its arguments.</summary>
    public bool InDomain =>
        $"{Namespace}.".Contains(".Domain.", StringComparison.Ordinal)
        || Namespace.StartsWith("Ralm.Ranking", StringComparison.Ordinal)
        || Namespace.StartsWith("Ralm.Drift", StringComparison.Ordinal)
        || Namespace == "Ralm.Datasets.Descriptions";

    public bool Touches(string ns) =>
        UsedNamespace == ns || UsedNamespace.StartsWith(ns + ".", StringComparison.Ordinal);

    public override string ToString() =>
        $"{Namespace}.{Type} uses {UsedNamespace}.{UsedType}{(UsedMember.Length > 0 ? "." + UsedMember : "")}";
}
