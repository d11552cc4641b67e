"""placeholder"""
import typer
app = typer.Typer(name="PLACEHOLDER")
def register(app: typer.Typer) -> None: ...
