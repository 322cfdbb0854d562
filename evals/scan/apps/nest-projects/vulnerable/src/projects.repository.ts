import { DataSource } from 'typeorm';

export class ProjectsRepository {
  constructor(private readonly source: DataSource) {}

  add(name: string) {
    return this.source.query('INSERT INTO projects (name) VALUES ($1)', [name]);
  }

  search(term: string) {
    return this.source.query(`SELECT * FROM projects WHERE name LIKE '%${term}%'`);
  }

  remove(id: number) {
    return this.source.query('DELETE FROM projects WHERE id = $1', [id]);
  }
}
