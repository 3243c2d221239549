using Noos.Inference.Graphs.Tensors;
using Noos.Inference.Threading;

namespace Noos.Inference.Graphs.Operators;

/// <summary>What an operator computes.</summary>
delegate void GraphOperator(OperatorCall call);

/// <summary>One execution of a node: its inputs, and where its outputs go. Valid until the operator returns.</summary>
sealed class OperatorCall(GraphNode node, Tensor?[] inputs, Tensor?[] outputs, TensorMemory memory, ThreadTeam team, Random random)
{
    public GraphNode Node => node;

    public TensorMemory Memory => memory;

    public ThreadTeam Team => team;

    /// <summary>Where noise comes from.</summary>
    public Random Random => random;

    public int InputCount => inputs.Length;

    public int OutputCount => outputs.Length;

    /// <exception cref="FormatException">The node has no such input.</exception>
    public Tensor Input(int index) => Find(index) ?? throw new FormatException($"its input {index} is missing");

    /// <summary>An optional input; null where it is left out.</summary>
    public Tensor? Find(int index) => index < inputs.Length ? inputs[index] : null;

    public void Return(Tensor value, int index = 0) => outputs[index] = value;

    /// <summary>
    /// A tensor of floats for a result: the array of an input of the same shape that nobody reads after this node, else a new one.
    /// Whoever writes it must read the same element first.
    /// </summary>
    public Tensor Reuse(int[] shape, params ReadOnlySpan<Tensor> candidates)
    {
        foreach (var candidate in candidates)
        {
            var isOnlyHere = inputs.Count(input => ReferenceEquals(input?.Storage, candidate.Storage)) == 1;
            if (isOnlyHere && candidate.Kind == TensorKind.Floats && candidate.Dimensions.AsSpan().SequenceEqual(shape)
                && node.IsLastUse(System.Array.IndexOf(inputs, candidate)) && memory.IsAlone(candidate))
            {
                return candidate.WithShape(shape);
            }
        }

        return memory.NewSingles(shape);
    }

    /// <summary>Runs units of work on the team's threads; they must not throw.</summary>
    public void Run(int units, Action<int> unit)
    {
        if (units <= 1 || team.Size == 1)
        {
            for (var i = 0; i < units; i++)
            {
                unit(i);
            }

            return;
        }

        team.Run(member =>
        {
            while (team.TryTake(member, units, out var next))
            {
                unit(next);
            }

            team.EndPhase(member);
        });
    }
}
