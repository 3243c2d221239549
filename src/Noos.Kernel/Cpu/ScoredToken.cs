using System.Text;

namespace Noos.Kernel.Cpu;

/// <summary>A token of an answer and how likely the model held it.</summary>
/// <param name="Bytes">What it stands for; often only a part of a character in UTF-8.</param>
/// <param name="LogProbability">The natural logarithm of its probability, before temperature, penalties, bias and constraints.</param>
/// <param name="Top">The most likely tokens in its place, the likeliest first.</param>
public sealed record ScoredToken(byte[] Bytes, float LogProbability, IReadOnlyList<ScoredToken> Top)
{
    /// <summary>The token as text; U+FFFD stands for parts of characters.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes);
}
