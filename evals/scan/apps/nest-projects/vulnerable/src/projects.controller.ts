import { Body, Controller, Delete, Get, Param, Post, Query, Redirect, Res, UseGuards } from '@nestjs/common';
import { JwtAuthGuard } from './jwt.guard';
import { CreateProjectDto } from './project.dto';
import { ProjectsRepository } from './projects.repository';

@Controller('projects')
export class ProjectsController {
  constructor(private readonly projects: ProjectsRepository) {}

  @Post()
  @UseGuards(JwtAuthGuard)
  create(@Body() body: CreateProjectDto) {
    return this.projects.add(body.name);
  }

  @Get('search')
  @UseGuards(JwtAuthGuard)
  search(@Query('q') q: string) {
    return this.projects.search(q);
  }

  @Delete(':id')
  remove(@Param('id') id: number) {
    return this.projects.remove(id);
  }

  @Get('leave')
  leave(@Query('to') to: string, @Res() res) {
    return res.redirect(to);
  }
}
