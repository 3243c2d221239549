namespace Noos.Training.Reinforcement;

/// <summary>An endless sequence of prompts. Prompt number i is a pure function of its settings and i.</summary>
public interface IPromptSource
{
    /// <summary>Names the prompts by content: part of the hash of a plan.</summary>
    string Name { get; }

    RolloutPrompt Read(long index);
}
