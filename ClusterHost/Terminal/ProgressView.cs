namespace RalmActors.ClusterHost.Terminal;

/// <summary>
/// One line per step on standard error, so that standard output holds the summary alone; on a terminal the current line
/// is a bar that fills.
/// </summary>
public sealed class ProgressView : IProgressView
{
    private const int Width = 30;

    private readonly Lock _lock = new();
    private readonly bool _live = !Console.IsErrorRedirected;
    private string _step = "";
    private string _text = "";
    private long _drawnAt;

    public void Step(string what)
    {
        lock (_lock)
        {
            End();
            _step = what;
            _text = "";
            if (_live)
            {
                Console.Error.Write($"  {what} ...");
            }
        }
    }

    public void Progress(double share, string text)
    {
        lock (_lock)
        {
            _text = text;
            if (!_live || Environment.TickCount64 - _drawnAt < 100)
            {
                return;
            }

            _drawnAt = Environment.TickCount64;
            var full = (int)(Math.Clamp(share, 0, 1) * Width);
            var bar = $"{new string('#', full)}{new string('.', Width - full)}";
            Console.Error.Write($"\r  {_step} [{bar}] {text}   ");
        }
    }

    public void Finish()
    {
        lock (_lock)
        {
            End();
            _step = "";
        }
    }

    private void End()
    {
        if (_step.Length > 0)
        {
            Console.Error.WriteLine(
                $"{(_live ? "\r" : "")}  {_step}: {(_text.Length > 0 ? _text : "done")}".PadRight(79)
            );
        }
    }
}
