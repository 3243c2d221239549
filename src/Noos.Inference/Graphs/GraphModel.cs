using Noos.Core;
using Noos.Inference.Graphs.Operators;
using Noos.Inference.Graphs.Tensors;
using Noos.Inference.Threading;
using Noos.Language.Onnx;

namespace Noos.Inference.Graphs;

/// <summary>How a <see cref="GraphModel"/> runs.</summary>
public sealed record GraphOptions
{
    /// <summary>Threads including the caller's; 0 = one per processor, four at most.</summary>
    public int Threads { get; init; }

    /// <summary>Bytes of intermediate results that one run may hold at a time; a run that wants more is refused.</summary>
    public long MaxRunBytes { get; init; } = 2L << 30;
}

/// <summary>
/// A graph of operators with its weights, ready to run: the counterpart of ONNX Runtime's session for models of sound, whose weights are
/// convolutions over time. Names of tensors mean nothing to it, so any export of a model runs whose operators it knows. Thread-safe: runs
/// of several threads follow each other.
/// </summary>
public sealed class GraphModel : IDisposable
{
    readonly GraphNode[] _nodes;
    readonly Tensor?[] _constants;
    readonly Dictionary<string, int> _inputs;
    readonly Dictionary<string, int> _outputs;
    readonly long _maxRunBytes;
    readonly ThreadTeam _team;
    readonly Lock _running = new();
    readonly string _name;
    bool _disposed;

    GraphModel(
        string name, GraphNode[] nodes, Tensor?[] constants, Dictionary<string, int> inputs, Dictionary<string, int> outputs,
        GraphOptions options)
    {
        (_name, _nodes, _constants, _inputs, _outputs) = (name, nodes, constants, inputs, outputs);
        _maxRunBytes = options.MaxRunBytes;
        _team = new ThreadTeam(options.Threads > 0 ? options.Threads : Math.Clamp(Environment.ProcessorCount, 1, 4));
    }

    /// <summary>Names of the values that a run is given.</summary>
    public IReadOnlyCollection<string> Inputs => _inputs.Keys;

    public IReadOnlyCollection<string> Outputs => _outputs.Keys;

    /// <summary>Prepares a model: the file's memory is not needed afterwards.</summary>
    /// <param name="model">What it computes.</param>
    /// <param name="name">What refusals call it.</param>
    /// <param name="options">How it runs.</param>
    /// <exception cref="NoosException">An operator is not known (Refused), or the graph is broken (Damaged).</exception>
    public static GraphModel Create(OnnxModel model, string name, GraphOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var unknown = model.Graph.Nodes
            .Where(node => node.Domain is not ("" or "ai.onnx") || OperatorTable.Find(node.Operator) is null)
            .Select(node => node.Operator).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (unknown.Length > 0)
        {
            throw new NoosException(
                ErrorKind.Refused,
                $"The model '{name}' needs operators that are not known here ({string.Join(", ", unknown)}); take another export of it, "
                + "or another model.");
        }

        try
        {
            var compiler = new GraphCompiler(model.Graph);
            return new GraphModel(
                name, compiler.Nodes, compiler.Constants, compiler.Inputs, compiler.Outputs, options ?? new GraphOptions());
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw Damaged(name, e.Message, e);
        }
    }

    /// <summary>Computes the outputs.</summary>
    /// <param name="inputs">A value for each of <see cref="Inputs"/>.</param>
    /// <param name="seed">Of the noise that the model asks for: the same seed gives the same bits.</param>
    /// <param name="cancellationToken">Looked at between nodes.</param>
    /// <exception cref="NoosException">The graph cannot compute them (Damaged), or needs too much memory (OutOfMemory).</exception>
    public IReadOnlyDictionary<string, Tensor> Run(
        IReadOnlyDictionary<string, Tensor> inputs, int seed = 0, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        lock (_running)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using var memory = new TensorMemory(_maxRunBytes);
            var values = (Tensor?[])_constants.Clone();
            foreach (var (name, slot) in _inputs)
            {
                values[slot] = inputs.GetValueOrDefault(name)
                    ?? throw new NoosException($"The model '{_name}' needs the input '{name}'; give it one.");
            }

            var random = new Random(seed);
            foreach (var node in _nodes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Execute(node, values, memory, random);
            }

            var outputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
            foreach (var (name, slot) in _outputs)
            {
                var value = values[slot] ?? throw Damaged(_name, $"nothing computes its output '{name}'", null);
                memory.Detach(value);
                outputs.Add(name, value);
            }

            return outputs;
        }
    }

    public void Dispose()
    {
        lock (_running)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            _team.Dispose();
            foreach (var node in _nodes)
            {
                (node.Prepared as IDisposable)?.Dispose();
            }
        }
    }

    void Execute(GraphNode node, Tensor?[] values, TensorMemory memory, Random random)
    {
        var inputs = new Tensor?[node.Inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = node.Inputs[i] < 0 ? null : values[node.Inputs[i]];
        }

        var outputs = new Tensor?[node.Outputs.Length];
        try
        {
            node.Run(new OperatorCall(node, inputs, outputs, memory, _team, random));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or OverflowException or IndexOutOfRangeException
            or DivideByZeroException or InvalidOperationException)
        {
            throw Damaged(_name, $"its node '{node.Name}' ({node.Operator}) cannot be computed: {e.Message.TrimEnd('.')}", e);
        }

        for (var i = 0; i < outputs.Length; i++)
        {
            if (outputs[i] is { } made)
            {
                memory.Hold(made);
                if (node.Outputs[i] >= 0)
                {
                    values[node.Outputs[i]] = made;
                }
                else
                {
                    memory.Release(made);
                }
            }
        }

        for (var i = 0; i < inputs.Length; i++)
        {
            // After the outputs are held: one of them may be the same array.
            if (node.LastUses[i] && inputs[i] is { } read && System.Array.IndexOf(node.Inputs, node.Inputs[i]) == i)
            {
                memory.Release(read);
                values[node.Inputs[i]] = null;
            }
        }
    }

    static NoosException Damaged(string name, string why, Exception? inner) => inner is null
        ? new NoosException(ErrorKind.Damaged, $"The model '{name}' is broken: {why}; make or download it again.")
        : new NoosException(ErrorKind.Damaged, $"The model '{name}' is broken: {why}; make or download it again.", inner);
}
