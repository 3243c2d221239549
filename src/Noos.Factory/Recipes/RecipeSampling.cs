using Noos.Core;
using Noos.Language.Models;

namespace Noos.Factory.Recipes;

/// <summary>
/// How the models' tokens are drawn unless the user says otherwise, written into their files (<see cref="SamplingAdvice"/>); null says
/// nothing. Without a temperature the models are greedy.
/// </summary>
public sealed record RecipeSampling
{
    public float? Temperature { get; init; }

    public int? TopK { get; init; }

    public float? TopP { get; init; }

    public float? MinP { get; init; }

    /// <exception cref="NoosException">A number is out of range.</exception>
    public SamplingAdvice ToAdvice()
    {
        Require(Temperature is null or (>= 0 and <= 100), "temperature", "0 to 100");
        Require(TopK is null or >= 0, "top_k", "0 or more");
        Require(TopP is null or (>= 0 and <= 1), "top_p", "0 to 1");
        Require(MinP is null or (>= 0 and <= 1), "min_p", "0 to 1");
        return new SamplingAdvice { Temperature = Temperature, TopK = TopK, TopP = TopP, MinP = MinP };
    }

    static void Require(bool condition, string key, string range)
    {
        if (!condition)
        {
            throw new NoosException($"The key {key} under [sampling] of the recipe must be {range}.");
        }
    }
}
