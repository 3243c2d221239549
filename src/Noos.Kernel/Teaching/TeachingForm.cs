namespace Noos.Kernel.Teaching;

/// <summary>In which form a training reads what was taught.</summary>
public enum TeachingForm
{
    /// <summary>Conversations that end with the answer to learn (supervised fine-tuning).</summary>
    Sft,

    /// <summary>A question with a better and a worse answer (<see cref="PreferencePair"/>).</summary>
    Pairs,
}
