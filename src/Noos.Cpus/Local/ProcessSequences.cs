using Noos.Inference.Adapters;

namespace Noos.Cpus.Local;

/// <summary>
/// The tokens that each process has read and written last, so that its part of the prefix cache is found. Of more tokens than can be
/// remembered those of the process that ran longest ago are forgotten. Thread-safe.
/// </summary>
/// <param name="maxTokens">Of all together.</param>
sealed class ProcessSequences(int maxTokens = 1 << 22)
{
    readonly Lock _lock = new();
    readonly Dictionary<long, LinkedListNode<ProcessSequence>> _sequences = [];

    // The one that ran longest ago first.
    readonly LinkedList<ProcessSequence> _order = [];
    long _tokens;

    public void Set(long process, int[] tokens, IReadOnlyList<AdapterScale> adapters)
    {
        lock (_lock)
        {
            Remove(process);
            _sequences[process] = _order.AddLast(new ProcessSequence(process, tokens, adapters));
            _tokens += tokens.Length;
            while (_tokens > maxTokens && _order.Count > 1)
            {
                Remove(_order.First!.Value.Process);
            }
        }
    }

    public ProcessSequence? Find(long process)
    {
        lock (_lock)
        {
            return _sequences.GetValueOrDefault(process)?.Value;
        }
    }

    /// <summary>The one that ran longest ago first.</summary>
    public IReadOnlyList<ProcessSequence> List()
    {
        lock (_lock)
        {
            return [.. _order];
        }
    }

    public void Forget(long process)
    {
        lock (_lock)
        {
            Remove(process);
        }
    }

    void Remove(long process)
    {
        if (_sequences.Remove(process, out var node))
        {
            _order.Remove(node);
            _tokens -= node.Value.Tokens.Length;
        }
    }
}

/// <param name="Process">Whose.</param>
/// <param name="Tokens">Prompt and answer of its last run.</param>
/// <param name="Adapters">With which they were read.</param>
sealed record ProcessSequence(long Process, int[] Tokens, IReadOnlyList<AdapterScale> Adapters);
