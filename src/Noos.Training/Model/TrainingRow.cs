using System.Collections.Frozen;
using Noos.Core;

namespace Noos.Training.Model;

/// <summary>One packed row of training data.</summary>
/// <param name="Tokens">[length + 1] token ids: each but the last is an input, each but the first a target.</param>
/// <param name="IsTarget">[length] which targets count; empty: all.</param>
public sealed record TrainingRow(int[] Tokens, bool[] IsTarget)
{
    /// <summary>Number of input positions.</summary>
    public int Length => Tokens.Length - 1;

    /// <summary>[length] weight of each target in the loss; empty: 1 each. Only objectives that say so look at it.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>
    /// What else an objective needs, by name: per target ([length], such as advantages and old log-probabilities) or per row ([1], such as
    /// the log-probability under a reference model).
    /// </summary>
    public IReadOnlyDictionary<string, float[]> Extras { get; init; } = FrozenDictionary<string, float[]>.Empty;

    /// <summary>Number of targets that count.</summary>
    public int TargetCount => IsTarget.Length == 0 ? Length : IsTarget.Count(counts => counts);

    /// <summary>The last input position that counts: where a scalar head reads the whole row. −1 when none counts.</summary>
    public int LastTarget => IsTarget.Length == 0 ? Length - 1 : Array.LastIndexOf(IsTarget, true);

    /// <summary>Whether the target of an input position counts.</summary>
    public bool Counts(int position) => IsTarget.Length == 0 || IsTarget[position];

    /// <summary>One of <see cref="Extras"/>.</summary>
    /// <param name="count">Number of values it must have.</param>
    /// <exception cref="NoosException">The row has no such values, or another number of them.</exception>
    public ReadOnlySpan<float> Extra(string name, int count) =>
        Extras.TryGetValue(name, out var values) && values.Length == count
            ? values
            : throw new NoosException(ErrorKind.Invalid,
                $"A training row needs {count:N0} values '{name}' for this objective, and has {values?.Length ?? 0:N0}; make the rows "
                + "anew with them.");
}
