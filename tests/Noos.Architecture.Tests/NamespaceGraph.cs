using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Noos.Architecture.Tests;

/// <summary>
/// Which namespaces of an assembly use which others, read from its metadata and IL: base types, interfaces, constraints, fields,
/// signatures, locals, method bodies, generic arguments. Nested and compiler-generated types count for their outermost type. Attributes
/// are left out. Constants are invisible: the compiler copies them into their users.
/// </summary>
sealed class NamespaceGraph
{
    static readonly Dictionary<int, OperandType> s_operands = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value, code => code.OperandType);

    readonly MetadataReader _reader;
    readonly PEReader _file;
    // For each pair of namespaces the first use that was met.
    readonly SortedDictionary<string, SortedDictionary<string, string>> _edges = new(StringComparer.Ordinal);

    NamespaceGraph(PEReader file)
    {
        _file = file;
        _reader = file.GetMetadataReader();
    }

    /// <summary>Reads an assembly.</summary>
    public static NamespaceGraph Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var graph = new NamespaceGraph(file);
        foreach (var type in graph._reader.TypeDefinitions)
        {
            graph.Visit(type);
        }

        return graph;
    }

    /// <summary>The use that an edge stands for; null where there is none.</summary>
    public string? Find(string from, string to) => _edges.GetValueOrDefault(from)?.GetValueOrDefault(to);

    /// <summary>The same graph with every namespace replaced by its group.</summary>
    public NamespaceGraph Group(Func<string, string> group)
    {
        var grouped = new NamespaceGraph(_file, _reader);
        foreach (var (from, targets) in _edges)
        {
            foreach (var (to, example) in targets)
            {
                grouped.Add(group(from), group(to), example);
            }
        }

        return grouped;
    }

    /// <summary>One of the shortest cycles, in words; null where there is none.</summary>
    /// <param name="known">Edges that are left out.</param>
    public string? FindCycle(IReadOnlyCollection<(string From, string To)> known) => _edges.Keys
        .Select(start => FindCycle(start, known)).Where(cycle => cycle is not null).MinBy(cycle => cycle!.Count) is { } shortest
            ? Describe(shortest)
            : null;

    NamespaceGraph(PEReader file, MetadataReader reader) => (_file, _reader) = (file, reader);

    /// <summary>The shortest way from a namespace back to itself (breadth first).</summary>
    List<string>? FindCycle(string start, IReadOnlyCollection<(string From, string To)> known)
    {
        var previous = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = new Queue<string>([start]);
        while (open.TryDequeue(out var from))
        {
            foreach (var to in _edges.GetValueOrDefault(from)?.Keys.Where(to => !known.Contains((from, to))) ?? [])
            {
                if (to == start)
                {
                    List<string> way = [start];
                    for (var step = from; step != start; step = previous[step])
                    {
                        way.Insert(0, step);
                    }

                    way.Insert(0, start);
                    return way;
                }

                if (previous.TryAdd(to, from))
                {
                    open.Enqueue(to);
                }
            }
        }

        return null;
    }

    string Describe(List<string> cycle) =>
        cycle[0] + string.Concat(cycle.Zip(cycle.Skip(1)).Select(step => $" -> {step.Second} ({_edges[step.First][step.Second]})"));

    void Add(string from, string to, string example)
    {
        if (from != to)
        {
            (_edges.TryGetValue(from, out var targets) ? targets : _edges[from] = new(StringComparer.Ordinal)).TryAdd(to, example);
        }
    }

    void Visit(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        var uses = new UsedTypes(_reader);
        uses.Add(type.BaseType);
        foreach (var implemented in type.GetInterfaceImplementations())
        {
            uses.Add(_reader.GetInterfaceImplementation(implemented).Interface);
        }

        uses.Add(type.GetGenericParameters());
        foreach (var field in type.GetFields())
        {
            _reader.GetFieldDefinition(field).DecodeSignature(uses, null);
        }

        foreach (var methodHandle in type.GetMethods())
        {
            var method = _reader.GetMethodDefinition(methodHandle);
            method.DecodeSignature(uses, null);
            uses.Add(method.GetGenericParameters());
            if (method.RelativeVirtualAddress != 0)
            {
                Visit(_file.GetMethodBody(method.RelativeVirtualAddress), uses);
            }
        }

        var (from, name) = Outermost(handle);
        foreach (var used in uses.Types)
        {
            var (to, usedName) = Outermost(used);
            // What the compiler makes for itself has no namespace.
            if (from.Length > 0 && to.Length > 0)
            {
                Add(from, to, $"{name} uses {usedName}");
            }
        }
    }

    void Visit(MethodBodyBlock body, UsedTypes uses)
    {
        if (!body.LocalSignature.IsNil)
        {
            _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(uses, null);
        }

        foreach (var region in body.ExceptionRegions)
        {
            uses.Add(region.CatchType);
        }

        var code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            if (value == 0xFE)
            {
                value = 0xFE00 | code.ReadByte();
            }

            switch (s_operands[value])
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    uses.Add(MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    // Two statements: the offset must be read after the count.
                    var targets = code.ReadInt32();
                    code.Offset += sizeof(int) * targets;
                    break;
                case var operand:
                    code.Offset += Size(operand);
                    break;
            }
        }
    }

    static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };

    (string Namespace, string Name) Outermost(TypeDefinitionHandle handle)
    {
        var type = _reader.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = _reader.GetTypeDefinition(type.GetDeclaringType());
        }

        return (_reader.GetString(type.Namespace), _reader.GetString(type.Name).Split('`')[0]);
    }

    /// <summary>Collects the types of this assembly that handles and signatures name.</summary>
    sealed class UsedTypes(MetadataReader reader) : ISignatureTypeProvider<int, object?>
    {
        public HashSet<TypeDefinitionHandle> Types { get; } = [];

        public void Add(GenericParameterHandleCollection parameters)
        {
            foreach (var parameter in parameters)
            {
                foreach (var constraint in reader.GetGenericParameter(parameter).GetConstraints())
                {
                    Add(reader.GetGenericParameterConstraint(constraint).Type);
                }
            }
        }

        public void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Types.Add((TypeDefinitionHandle)handle);
                    break;
                case HandleKind.TypeSpecification:
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodDefinition:
                    Types.Add(reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    Types.Add(reader.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    // Its signature is that of the open definition; the parent has the type arguments.
                    Add(reader.GetMemberReference((MemberReferenceHandle)handle).Parent);
                    break;
                case HandleKind.MethodSpecification:
                    var method = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                    Add(method.Method);
                    method.DecodeSignature(this, null);
                    break;
            }
        }

        public int GetTypeFromDefinition(MetadataReader metadata, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Types.Add(handle);
            return 0;
        }

        public int GetTypeFromSpecification(
            MetadataReader metadata, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            metadata.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public int GetTypeFromReference(MetadataReader metadata, TypeReferenceHandle handle, byte rawTypeKind) => 0;

        // The parts of what follows have been decoded, and so collected, before these are called.
        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;

        public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? genericContext, int index) => 0;

        public int GetGenericTypeParameter(object? genericContext, int index) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public int GetSZArrayType(int elementType) => 0;
    }
}
