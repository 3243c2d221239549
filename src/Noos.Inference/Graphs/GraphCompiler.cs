using Noos.Inference.Graphs.Operators;
using Noos.Inference.Graphs.Tensors;
using Noos.Language.Onnx;

namespace Noos.Inference.Graphs;

/// <summary>
/// Turns the names of a graph into slots, packs constant weights, leaves out nodes that others do along the way, and finds the last
/// reader of each value.
/// </summary>
sealed class GraphCompiler
{
    readonly Dictionary<string, int> _slots = new(StringComparer.Ordinal);
    readonly List<Tensor?> _constants = [];

    /// <exception cref="FormatException">A name is missing or given twice, or a constant is of no use.</exception>
    public GraphCompiler(OnnxGraph graph)
    {
        foreach (var constant in graph.Constants)
        {
            _constants[Define(constant.Name)] = Read(constant);
        }

        foreach (var input in graph.Inputs.Where(input => !_slots.ContainsKey(input)))
        {
            Inputs.Add(input, Define(input));
        }

        var nodes = new List<GraphNode>();
        foreach (var node in graph.Nodes)
        {
            nodes.Add(Compile(node));
        }

        foreach (var output in graph.Outputs)
        {
            Outputs[output] = Find(output);
        }

        FuseRectifiers(nodes);
        Nodes = [.. nodes];
        Constants = [.. _constants];
        MarkLastUses();
    }

    public GraphNode[] Nodes { get; }

    /// <summary>By slot; null where a run computes the value.</summary>
    public Tensor?[] Constants { get; }

    public Dictionary<string, int> Inputs { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, int> Outputs { get; } = new(StringComparer.Ordinal);

    GraphNode Compile(OnnxNode node)
    {
        if (node.Attributes.Any(attribute => attribute.HasGraph))
        {
            throw new FormatException($"the node '{node.Name}' ({node.Operator}) has a graph of its own, which is not known here");
        }

        int[] inputs = [.. node.Inputs.Select(name => name.Length == 0 ? -1 : Find(name))];
        int[] outputs = [.. node.Outputs.Select(name => name.Length == 0 ? -1 : Define(name))];
        var compiled = new GraphNode(node, OperatorTable.Find(node.Operator)!, inputs, outputs);
        switch (node.Operator)
        {
            case "Constant" or "ConstantOfShape":
                compiled.Prepared = compiled.Tensor("value") is { } value ? Read(value) : null;
                break;
            case "Conv":
                ConvolutionOperators.PrepareConv(compiled, Constant(1), Constant(2));
                break;
            case "ConvTranspose":
                ConvolutionOperators.PrepareConvTranspose(compiled, Constant(1), Constant(2));
                break;
        }

        return compiled;

        // A bias that is computed must not be packed as if there were none.
        Tensor? Constant(int input) => input >= inputs.Length || inputs[input] < 0 ? null
            : inputs.Skip(1).All(slot => slot < 0 || _constants[slot] is not null) ? _constants[inputs[input]]
            : null;
    }

    /// <summary>A leaky rectifier whose only reader is a convolution is applied while that reads its input.</summary>
    void FuseRectifiers(List<GraphNode> nodes)
    {
        var readers = nodes.SelectMany(node => node.Inputs.Select(slot => (slot, node))).ToLookup(pair => pair.slot, pair => pair.node);
        var makers = nodes.Where(node => node.Operator == "LeakyRelu" && node.Outputs.Length == 1 && node.Inputs.Length == 1)
            .ToDictionary(node => node.Outputs[0]);
        foreach (var node in nodes.ToArray())
        {
            if (node.Operator is "Conv" or "ConvTranspose" && node.Inputs.Length > 0
                && makers.TryGetValue(node.Inputs[0], out var rectifier) && readers[node.Inputs[0]].Count() == 1
                && !Outputs.ContainsValue(node.Inputs[0]))
            {
                node.InputSlope = rectifier.Single("alpha", 0.01f);
                node.Inputs[0] = rectifier.Inputs[0];
                nodes.Remove(rectifier);
            }
        }
    }

    void MarkLastUses()
    {
        var seen = Outputs.Values.ToHashSet();
        for (var slot = 0; slot < Constants.Length; slot++)
        {
            if (Constants[slot] is not null)
            {
                seen.Add(slot);
            }
        }

        foreach (var node in Nodes.Reverse())
        {
            for (var i = 0; i < node.Inputs.Length; i++)
            {
                node.LastUses[i] = node.Inputs[i] >= 0 && !seen.Contains(node.Inputs[i]);
            }

            seen.UnionWith(node.Inputs);
            for (var i = 0; i < node.Outputs.Length; i++)
            {
                // Nobody reads it: it is let go as soon as it is made.
                node.Outputs[i] = seen.Contains(node.Outputs[i]) ? node.Outputs[i] : -1;
            }
        }
    }

    int Define(string name)
    {
        if (!_slots.TryAdd(name, _constants.Count))
        {
            throw new FormatException($"the value '{name}' is made twice");
        }

        _constants.Add(null);
        return _constants.Count - 1;
    }

    int Find(string name) => _slots.TryGetValue(name, out var slot) ? slot : throw new FormatException($"nothing makes the value '{name}'");

    static Tensor Read(OnnxTensor tensor)
    {
        int[] shape = [.. tensor.Shape];
        return tensor.Type switch
        {
            OnnxElementType.Bool => new Tensor(tensor.ToBooleans(), shape),
            OnnxElementType.F32 or OnnxElementType.F16 or OnnxElementType.BF16 or OnnxElementType.F64 =>
                new Tensor(tensor.ToSingles(), shape),
            _ => new Tensor(tensor.ToIntegers(), shape),
        };
    }
}
