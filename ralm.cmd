@echo off
rem The verbs of ./ralm for Windows: ralm help
setlocal
set "ROOT=%~dp0"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set "VERB=%~1"
if "%VERB%"=="" set VERB=help

where dotnet >nul 2>nul
if errorlevel 1 (
  echo ralm: missing: .NET SDK 10 or newer; get it from https://dotnet.microsoft.com/download 1>&2
  exit /b 2
)

for %%v in (demo up describe prepare train study import stream anomalies rules replay why simulate health doctor) do if /i "%VERB%"=="%%v" goto host
if /i "%VERB%"=="bench" goto bench
if /i "%VERB%"=="test" goto test
echo ralm.cmd VERB [options]
echo   demo  up  describe  prepare  train  study  import  stream  anomalies  rules  replay  why  simulate  test  bench  doctor  help
if /i "%VERB%"=="help" exit /b 0
echo ralm: "%VERB%" is not a verb 1>&2
exit /b 2

:host
dotnet build "%ROOT%ClusterHost" -c Release -nologo -v:q -p:RestoreLockedMode=true || exit /b 2
"%ROOT%artifacts\bin\ClusterHost\release\ralm-host.exe" %*
exit /b %ERRORLEVEL%

:bench
dotnet build "%ROOT%tests\Benchmarks" -c Release -nologo -v:q -p:RestoreLockedMode=true || exit /b 2
shift
cd /d "%ROOT%"
"%ROOT%artifacts\bin\Benchmarks\release\ralm-bench.exe" %1 %2 %3 %4 %5 %6 %7 %8 %9
exit /b %ERRORLEVEL%

:test
cd /d "%ROOT%"
dotnet tool restore || exit /b 1
dotnet restore RalmActors.sln --locked-mode || exit /b 1
dotnet build RalmActors.sln -c Release --no-restore -nologo -v:q -warnaserror || exit /b 1
dotnet csharpier check . || exit /b 1
if /i "%~2"=="--long" set RALM_TEST_LONG=1
dotnet test RalmActors.sln -c Release --no-build --nologo
exit /b %ERRORLEVEL%
