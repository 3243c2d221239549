namespace Noos.Corpus.Procedural.Exercises;

/// <summary>
/// A kind of short text of which parts can be told only by looking back: what in-context copying is learnt from. Immutable and thread-safe.
/// </summary>
interface IExercise
{
    void Write(ExerciseText text);
}
